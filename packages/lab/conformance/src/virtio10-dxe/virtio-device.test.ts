import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioDevice, VRing } from '@dxelab/virtio';
import { VIRTIO_SPEC_REVISION_1_0_0, VirtioDeviceProtocol } from '@dxelab/virtio';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import { testEveryTransport } from '../virtio-transport-lib/every-transport.fixture.ts';
import { COMMON, DEVICE, ModernFunction, NOTIFY } from './modern-function.fixture.ts';
import type { ThreeQueues } from './three-queues.fixture.ts';
import { VirtioWorld } from './virtio-world.fixture.ts';

interface Opened {
  readonly world: VirtioWorld;
  readonly device: VirtioDevice;
  readonly model: ThreeQueues;
}

interface OpenOptions {
  readonly func?: ModernFunction;
  readonly onAccess?: (access: string) => void;
}

/** The protocol of a device with three queues, of 8, 16 and 32 descriptors. */
function open(
  profile: Profile,
  { func = new ModernFunction(), onAccess = () => {} }: OpenOptions = {},
): Opened {
  const world = new VirtioWorld(func, { modules: [virtio10Dxe], profile, onAccess });
  world.connectRoot();
  return { world, device: world.openOnly(VirtioDeviceProtocol), model: func.model };
}

/** A ring somewhere above 4 GiB, which nobody uses. */
function ringOf(queueSize: number): VRing {
  const base = 0x1_2345_6000;
  const avail = base + 0x400;
  return { numPages: 2, base, queueSize, desc: base, avail, used: base + 0x1000 };
}

describe.each(PROFILES)('VIRTIO_DEVICE_PROTOCOL of the modern transport, %s', (profile) => {
  test('has revision 1.0.0', () => {
    expect(open(profile).device.revision).toBe(VIRTIO_SPEC_REVISION_1_0_0);
    expect(VIRTIO_SPEC_REVISION_1_0_0).toBe(0x01000000);
  });

  test('features go in two halves, each behind its selector', () => {
    const { world, device } = open(profile);
    expect(world.during(() => device.getDeviceFeatures())).toEqual([
      'W32 common+00 = 00',
      expect.stringMatching(/^R32 common\+04 = /),
      'W32 common+00 = 01',
      expect.stringMatching(/^R32 common\+04 = .*1$/),
    ]);
    expect(world.during(() => device.setGuestFeatures(0x3_3000_0000n))).toEqual([
      'W32 common+08 = 00',
      'W32 common+0c = 30000000',
      'W32 common+08 = 01',
      'W32 common+0c = 03',
    ]);
  });

  test('the addresses of a ring go as halves, shifted, and last the queue is enabled', () => {
    const { world, device } = open(profile);
    device.setQueueSel(1);
    const accesses = world.during(() => device.setQueueAddress(ringOf(16), 0x1000));
    expect(accesses.filter((access) => access.startsWith('W'))).toEqual([
      'W32 common+20 = 23457000',
      'W32 common+24 = 01',
      'W32 common+28 = 23457400',
      'W32 common+2c = 01',
      'W32 common+30 = 23458000',
      'W32 common+34 = 01',
      'W16 common+1c = 01',
    ]);
  });

  test('page size and alignment are 4096, without an access', () => {
    const { world, device } = open(profile);
    const accesses = world.during(() => {
      device.setPageSize(4096);
      device.setQueueAlign(4096);
      expect(() => device.setPageSize(8192)).toThrow('EFI_UNSUPPORTED');
      expect(() => device.setQueueAlign(64)).toThrow('EFI_UNSUPPORTED');
    });
    expect(accesses).toEqual([]);
  });

  test('the size of the selected queue', () => {
    const { device } = open(profile);
    const sizes = [0, 1, 2, 3].map((index) => {
      device.setQueueSel(index);
      return device.getQueueNumMax();
    });
    expect(sizes).toEqual([8, 16, 32, 0]);
  });

  test('a queue size that the device does not take is EFI_UNSUPPORTED', () => {
    const { device } = open(profile);
    expect(() => device.setQueueNum(8)).not.toThrow();
    for (const size of [16, 6, 0]) {
      expect(() => device.setQueueNum(size)).toThrow(/EFI_UNSUPPORTED.*the device has 8/);
    }
  });

  test('the status is a byte, read and written', () => {
    const { world, device } = open(profile);
    const accesses = world.during(() => {
      device.setDeviceStatus(1);
      expect(device.getDeviceStatus()).toBe(1);
    });
    expect(accesses).toEqual(['W8 common+14 = 01', 'R8 common+14 = 01']);
  });

  test.each([
    [1, 4, 0x04],
    [2, 4, 0x0504],
    [4, 4, 0x07060504],
  ] as const)('%i bytes of the configuration at %i', (size, at, value) => {
    const { world, device } = open(profile);
    const access = `R${size * 8} device+04 = ${value.toString(16).padStart(2, '0')}`;
    expect(world.during(() => expect(device.readDevice(at, size)).toBe(value))).toEqual([access]);
    device.writeDevice(at, size, 0);
    expect(device.readDevice(at, size)).toBe(0);
    expect(device.readDevice(at + size, 1)).toBe(at + size);
  });

  test('a 64-bit field, the lower half first', () => {
    const { world, device } = open(profile);
    const accesses = world.during(() => {
      expect(device.readDevice64(8)).toBe(0x0f0e0d0c_0b0a0908n);
    });
    expect(accesses.filter((access) => access.includes('device'))).toEqual([
      'R32 device+08 = b0a0908',
      'R32 device+0c = f0e0d0c',
    ]);
  });

  test('an access outside a structure is EFI_INVALID_PARAMETER, and does not reach the device', () => {
    const short = { ...DEVICE, length: 7 };
    const func = new ModernFunction().present({ ...COMMON, length: 56 }, NOTIFY, short);
    const { world, device } = open(profile, { func });
    const accesses = world.during(() => {
      for (const use of [
        () => device.readDevice(4, 4),
        () => device.readDevice(7, 1),
        () => device.readDevice(-1, 1),
        () => device.writeDevice(6, 2, 0),
      ]) {
        expect(use).toThrow('EFI_INVALID_PARAMETER');
      }
    });
    expect(accesses).toEqual([]);
    expect(() => device.readDevice64(0)).toThrow('EFI_INVALID_PARAMETER');
    expect(device.readDevice(0, 4)).toBe(0x03020100);
    expect(device.readDevice(6, 1)).toBe(6);
  });

  testEveryTransport(() => open(profile));

  test('what PciIo refuses is refused', () => {
    const { device } = open(profile);
    const map = (operation: string, bytes: number): unknown => {
      const args: Parameters<VirtioDevice['mapSharedBuffer']> = JSON.parse(
        `["${operation}", { "address": 4096, "length": 16 }, ${bytes}]`,
      );
      return device.mapSharedBuffer(...args);
    };
    expect(() => map('VirtioOperationBusMasterEverything', 16)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => map('VirtioOperationBusMasterRead', 17)).toThrow('EFI_INVALID_PARAMETER');
    const stranger = { deviceAddress: 0, numberOfBytes: 1 };
    expect(() => device.unmapSharedBuffer(stranger)).toThrow('EFI_INVALID_PARAMETER');
    const array = new Uint8Array(8);
    expect(() => device.mapSharedBuffer('VirtioOperationBusMasterCommonBuffer', array, 8)).toThrow(
      'EFI_UNSUPPORTED',
    );
  });
});

describe('a kick (virtio §4.1.4.4)', () => {
  /** Sets up all three queues, the last one first. */
  function setUp({ device }: Opened): void {
    for (const [index, size] of [
      [2, 32],
      [0, 8],
      [1, 16],
    ] as const) {
      device.setQueueSel(index);
      device.setQueueAddress(ringOf(size), 0);
    }
  }

  const withMultiplier = (multiplier: number): ModernFunction =>
    new ModernFunction().present(COMMON, { ...NOTIFY, multiplier }, DEVICE);

  test.each([
    [4, ['notify+00', 'notify+04', 'notify+08']],
    [2, ['notify+00', 'notify+02', 'notify+04']],
    [0, ['notify+00', 'notify+00', 'notify+00']],
  ])('multiplier %i: each queue has its own place, or all have one', (multiplier, places) => {
    for (const profile of PROFILES) {
      const opened = open(profile, { func: withMultiplier(multiplier) });
      setUp(opened);
      const kicks = [0, 1, 2].map((index) =>
        opened.world.during(() => opened.device.setQueueNotify(index)).at(-1),
      );
      expect(kicks).toEqual(places.map((place, index) => `W16 ${place} = 0${index}`));
    }
  });

  test.each(PROFILES)(
    '%s: the product has 32 bits, and is checked against the structure',
    (profile) => {
      const opened = open(profile, { func: withMultiplier(0x8000_0001) });
      setUp(opened);
      expect(opened.world.during(() => opened.device.setQueueNotify(2))).toContain(
        'W16 notify+02 = 02',
      );
      expect(() => opened.device.setQueueNotify(1)).toThrow('EFI_INVALID_PARAMETER');
    },
  );

  test('specification: one access, and the selection is not touched', () => {
    const opened = open('specification');
    setUp(opened);
    expect(opened.world.during(() => opened.device.setQueueNotify(2))).toEqual([
      'W16 notify+08 = 02',
    ]);
  });

  test('edk2: five accesses, and the selection is what it was', () => {
    const opened = open('edk2');
    setUp(opened);
    expect(opened.world.during(() => opened.device.setQueueNotify(2))).toEqual([
      'R16 common+16 = 01',
      'W16 common+16 = 02',
      'R16 common+1e = 02',
      'W16 common+16 = 01',
      'W16 notify+08 = 02',
    ]);
  });

  test('specification: a queue that was not set up since the reset is asked for its place', () => {
    const opened = open('specification');
    setUp(opened);
    opened.device.setDeviceStatus(0);
    expect(opened.world.during(() => opened.device.setQueueNotify(2))).toHaveLength(5);
    // after a reset queue 0 is selected, whatever was selected before
    opened.device.setQueueAddress(ringOf(8), 0);
    expect(opened.world.during(() => opened.device.setQueueNotify(0))).toHaveLength(1);
  });
});

describe('where the profiles differ', () => {
  test('specification: a smaller queue is written and verified (§4.1.5.1.3)', () => {
    const { world, device } = open('specification');
    device.setQueueSel(2);
    expect(world.during(() => device.setQueueNum(16))).toEqual([
      'R16 common+18 = 20',
      'W16 common+18 = 10',
      'R16 common+18 = 10',
    ]);
    expect(device.getQueueNumMax()).toBe(16);
  });

  test('edk2: a smaller queue is EFI_UNSUPPORTED, and nothing is written', () => {
    const { world, device } = open('edk2');
    device.setQueueSel(2);
    const accesses = world.during(() => {
      expect(() => device.setQueueNum(16)).toThrow('EFI_UNSUPPORTED');
    });
    expect(accesses).toEqual(['R16 common+18 = 20']);
  });

  test('specification: a reset is waited for (§4.1.4.3.2); edk2: it is not', () => {
    const resets = PROFILES.map((profile) => {
      const { world, device } = open(profile);
      return world.during(() => device.setDeviceStatus(0));
    });
    expect(resets).toEqual([['W8 common+14 = 00', 'R8 common+14 = 00'], ['W8 common+14 = 00']]);
  });

  test.each([
    ['specification', 0x22222222_22222222n, 2],
    ['edk2', 0x22222222_11111111n, 1],
  ] as const)(
    '%s: a field that changes between its halves reads %i (§2.5.1)',
    (profile, value, rounds) => {
      let changes = 0;
      const opened: Opened = open(profile, {
        onAccess: (access) => {
          if (access.startsWith('R32 device+00') && changes++ === 0) opened.model.change(0x22);
        },
      });
      opened.model.config.fill(0x11);
      expect(opened.device.readDevice64(0)).toBe(value);
      expect(changes).toBe(rounds);
    },
  );
});
