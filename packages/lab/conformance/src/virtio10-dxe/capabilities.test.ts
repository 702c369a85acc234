import { EFI_OPEN_PROTOCOL_BY_DRIVER, PciIoProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import type { TestCapability } from './modern-function.fixture.ts';
import { COMMON, DEVICE, ISR, ModernFunction, NOTIFY } from './modern-function.fixture.ts';
import { VirtioWorld } from './virtio-world.fixture.ts';

/** A world with a function that presents these capabilities, connected. */
function presenting(
  profile: Profile,
  capabilities: readonly TestCapability[],
  change: (func: ModernFunction) => void = () => {},
): VirtioWorld {
  const func = new ModernFunction().present(...capabilities);
  change(func);
  const world = new VirtioWorld(func, { modules: [virtio10Dxe], profile });
  world.connectRoot();
  return world;
}

/** Where a register access of the driver arrives: `common+14`. */
function placeOf(world: VirtioWorld, use: (device: VirtioDevice) => unknown): string | undefined {
  const device = world.openOnly(VirtioDeviceProtocol);
  const [access] = world.during(() => use(device));
  return access?.split(' ')[1];
}

const status = (device: VirtioDevice): unknown => device.getDeviceStatus();
const config = (device: VirtioDevice): unknown => device.readDevice(0, 4);

/** A structure that lies where another one is. */
const ELSEWHERE: TestCapability = { ...COMMON, offset: 0x2000 };

describe('a list as it should be (virtio §4.1.4)', () => {
  test.each(PROFILES)('%s: the structures are where their capabilities say', (profile) => {
    const world = presenting(profile, [DEVICE, NOTIFY, ISR, COMMON]);
    expect(placeOf(world, status)).toBe('common+14');
    expect(placeOf(world, config)).toBe('device+00');
    expect(world.findings).toEqual([]);
  });

  test.each(PROFILES)('%s: a capability may be longer than its structure', (profile) => {
    const world = presenting(profile, [{ ...COMMON, size: 24 }, { ...NOTIFY, size: 32 }, DEVICE]);
    expect(placeOf(world, status)).toBe('common+14');
  });

  test.each(PROFILES)('%s: reserved types are ignored', (profile) => {
    const reserved = [6, 8, 9, 255].map((type) => ({ type, bar: 7 }));
    const world = presenting(profile, [...reserved.slice(0, 2), COMMON, NOTIFY]);
    expect(placeOf(world, status)).toBe('common+14');
    expect(presenting(profile, [...reserved.slice(2), COMMON, NOTIFY]).failures()).toEqual([]);
  });
});

describe('two capabilities of one type (§4.1.4)', () => {
  test('specification: the first counts, and the last in edk2', () => {
    const twice = [COMMON, ELSEWHERE, NOTIFY, DEVICE];
    expect(placeOf(presenting('specification', twice), status)).toBe('common+14');
    expect(placeOf(presenting('edk2', twice), status)).toBe('device+14');
  });

  test.each([
    ['BAR 7', { bar: 7 }],
    ['a BAR that the function lacks', { bar: 2 }],
    ['an end beyond its BAR', { offset: 0x3800 }],
    ['an offset beyond 4 GiB less its length', { offset: 0xffff_f000 }],
    ['cap_len 15', { size: 15, room: 16 }],
  ])('specification: the first usable one: not %s', (_what, unusable) => {
    const world = presenting('specification', [{ ...COMMON, ...unusable }, COMMON, NOTIFY, DEVICE]);
    expect(placeOf(world, status)).toBe('common+14');
  });

  test.each([
    ['BAR 7', { bar: 7 }],
    ['a BAR that the function lacks', { bar: 2 }],
  ])('edk2: %s fails Start, whatever else there is', (_what, unusable) => {
    const world = presenting('edk2', [COMMON, NOTIFY, { ...DEVICE, ...unusable }, DEVICE]);
    expect(world.has(VirtioDeviceProtocol)).toBe(false);
    expect(world.failures().join()).toMatch(/EFI_UNSUPPORTED.*no BAR/);
  });

  test.each<[string, TestCapability, (device: VirtioDevice) => void]>([
    ['begins behind its BAR', { ...DEVICE, offset: 0x4000 }, (device) => device.readDevice(0, 4)],
    ['ends beyond it', { ...DEVICE, offset: 0x3ffe }, (device) => device.readDevice(0, 4)],
    [
      'is of a far offset',
      { ...COMMON, offset: 0xffff_f000 },
      (device) => device.getDeviceStatus(),
    ],
  ])('edk2: a structure that %s is taken, and PciIo refuses its use', (_what, outside, use) => {
    const others = [COMMON, NOTIFY, DEVICE].filter(({ type }) => type !== outside.type);
    const world = presenting('edk2', [...others, outside]);
    const device = world.openOnly(VirtioDeviceProtocol);
    expect(() => use(device)).toThrow('EFI_UNSUPPORTED');
    expect(world.findings).toEqual([]);
  });

  test.each<[string, TestCapability]>([
    ['begins behind its BAR', { ...DEVICE, offset: 0x4000 }],
    ['ends beyond it', { ...DEVICE, offset: 0x3ffe }],
    ['names a BAR that does not exist', { ...DEVICE, bar: 3 }],
    ['names a reserved BAR', { ...DEVICE, bar: 255 }],
  ])('specification: one that %s does not count: the device has none', (_what, outside) => {
    const device = presenting('specification', [COMMON, NOTIFY, outside]).openOnly(
      VirtioDeviceProtocol,
    );
    expect(() => device.readDevice(0, 4)).toThrow(/EFI_INVALID_PARAMETER.*no device/);
  });

  test('edk2: of two notify capabilities the multiplier is the last one’s, too', () => {
    const world = presenting('edk2', [COMMON, NOTIFY, { ...NOTIFY, multiplier: 8 }, DEVICE]);
    const accesses = world.during(() => world.openOnly(VirtioDeviceProtocol).setQueueNotify(2));
    expect(accesses.at(-1)).toBe('W16 notify+10 = 02');
  });
});

describe('capabilities that are cut short', () => {
  test.each(PROFILES)('%s: with cap_len 15 it is none', (profile) => {
    const world = presenting(profile, [COMMON, NOTIFY, { ...DEVICE, size: 15, room: 16 }]);
    const device = world.openOnly(VirtioDeviceProtocol);
    expect(() => device.readDevice(0, 1)).toThrow(/EFI_INVALID_PARAMETER.*no device/);
  });

  test('specification: a notify capability of 16 bytes is none, so that nothing is driven', () => {
    const world = presenting('specification', [COMMON, { ...NOTIFY, size: 16, room: 20 }, DEVICE]);
    expect(world.has(VirtioDeviceProtocol)).toBe(false);
  });

  test('edk2: with a notify capability of 16 bytes Start succeeds, and every kick fails', () => {
    const world = presenting('edk2', [COMMON, { ...NOTIFY, size: 16, room: 20 }, DEVICE]);
    const device = world.openOnly(VirtioDeviceProtocol);
    expect(() => device.setQueueNotify(0)).toThrow(/EFI_INVALID_PARAMETER.*no notify/);
  });

  const overlapped = [{ ...COMMON, size: 16, room: 8 }, COMMON, NOTIFY, DEVICE];

  test('a second notify capability of 16 bytes: edk2 takes its place, and the first one’s multiplier', () => {
    const short = { ...NOTIFY, size: 16, room: 20, offset: 0x2000 };
    const places = PROFILES.map((profile) => {
      const world = presenting(profile, [COMMON, { ...NOTIFY, multiplier: 8 }, short]);
      const device = world.openOnly(VirtioDeviceProtocol);
      return world.during(() => device.setQueueNotify(1)).at(-1);
    });
    expect(places).toEqual(['W16 notify+08 = 01', 'W16 device+08 = 01']);
  });

  test('specification: one that the next begins within is none', () => {
    expect(placeOf(presenting('specification', overlapped), status)).toBe('common+14');
  });

  test('edk2: one that the next begins within fails Start', () => {
    expect(presenting('edk2', overlapped).failures().join()).toMatch(
      /EFI_BAD_BUFFER_SIZE.*0x40 has 8 bytes/,
    );
  });
});

describe('structures that are missing', () => {
  test.each<[string, readonly TestCapability[]]>([
    ['common', [NOTIFY, DEVICE]],
    ['notify', [COMMON, DEVICE]],
  ])('specification: a function without the %s structure is not driven', (_what, presented) => {
    expect(presenting('specification', presented).has(VirtioDeviceProtocol)).toBe(false);
  });

  test.each<[string, readonly TestCapability[], (device: VirtioDevice) => void]>([
    ['common', [NOTIFY, DEVICE], (device) => device.setDeviceStatus(0)],
    ['notify', [COMMON, DEVICE], (device) => device.setQueueNotify(0)],
    ['device', [COMMON, NOTIFY], (device) => device.writeDevice(0, 1, 0)],
  ])('edk2: without the %s structure its first use fails', (what, presented, use) => {
    const device = presenting('edk2', presented).openOnly(VirtioDeviceProtocol);
    expect(() => use(device)).toThrow(`EFI_INVALID_PARAMETER: the device has no ${what}`);
  });

  test('specification: a device type without a configuration has no device structure', () => {
    const world = presenting('specification', [COMMON, NOTIFY]);
    expect(placeOf(world, status)).toBe('common+14');
  });
});

describe('a list that is malformed', () => {
  const loop = (profile: Profile): VirtioWorld =>
    presenting(profile, [COMMON, NOTIFY, DEVICE], (func) => func.loop());

  test('specification: a list with a loop in it is a reason to say no', () => {
    const world = loop('specification');
    expect(world.binding('Virtio10Dxe').supported(world.function)).toBe('EFI_DEVICE_ERROR');
    expect(world.has(VirtioDeviceProtocol)).toBe(false);
    expect(world.failures()).toEqual([]);
  });

  test('edk2: a list with a loop in it fails Start', () => {
    expect(loop('edk2').failures().join()).toMatch(/EFI_DEVICE_ERROR.*comes back to 0x40/);
  });

  test.each(PROFILES)('%s: nothing is left open', (profile) => {
    const world = loop(profile);
    const drivers = world.bs
      .openProtocolInformation(world.function, PciIoProtocol)
      .filter(({ attributes }) => attributes === EFI_OPEN_PROTOCOL_BY_DRIVER);
    expect(drivers).toEqual([]);
  });
});
