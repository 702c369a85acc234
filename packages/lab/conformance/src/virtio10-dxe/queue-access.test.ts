import { VirtioDeviceProtocol, VirtioQueueAccessProtocol } from '@dxelab/virtio';
import type { VirtioQueueAccess } from '@dxelab/virtio';
import { VirtioMmio } from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import { LegacyFunction } from '../virtio-pci-device-dxe/legacy-function.fixture.ts';
import { statusOf } from '../virtio-mmio-device-lib/mmio-device.fixture.ts';
import { ModernFunction } from './modern-function.fixture.ts';
import { ThreeQueues } from './three-queues.fixture.ts';
import { VirtioWorld } from './virtio-world.fixture.ts';

const modern = (profile: 'specification' | 'edk2'): VirtioWorld =>
  new VirtioWorld(new ModernFunction(), { modules: [virtio10Dxe], profile });
const legacy = (profile: 'specification' | 'edk2'): VirtioWorld =>
  new VirtioWorld(new LegacyFunction(), { modules: [virtioPciDeviceDxe], profile });
const mmio =
  (version: 1 | 2) =>
  (profile: 'specification' | 'edk2'): VirtioWorld =>
    new VirtioWorld(new VirtioMmio(new ThreeQueues(), { version }), {
      modules: [virtioFdtDxe],
      profile,
    });

const TRANSPORTS = [
  ['PCI modern', modern, 'Virtio10Dxe'],
  ['PCI legacy', legacy, 'VirtioPciDeviceDxe'],
  ['MMIO 2', mmio(2), 'VirtioMmioDeviceLib'],
  ['MMIO 1', mmio(1), 'VirtioMmioDeviceLib'],
] as const;

interface Opened {
  readonly world: VirtioWorld;
  readonly access: VirtioQueueAccess;
}

function open(make: (profile: 'specification') => VirtioWorld): Opened {
  const world = make('specification');
  world.connectRoot();
  world.accesses.length = 0;
  return { world, access: world.openOnly(VirtioQueueAccessProtocol) };
}

const written = (accesses: readonly string[]): readonly string[] =>
  accesses.filter((access) => access.startsWith('W'));

describe.each(TRANSPORTS)('%s', (_name, make, module) => {
  test('specification: it stands on the handle of VIRTIO_DEVICE_PROTOCOL', () => {
    const { world } = open(make);
    expect(world.only(VirtioQueueAccessProtocol)).toBe(world.only(VirtioDeviceProtocol));
  });

  test(`QUIRK ${module}.NoQueueAccess: there is none`, () => {
    const world = make('edk2');
    world.connectRoot();
    expect(world.has(VirtioDeviceProtocol)).toBe(true);
    expect(world.has(VirtioQueueAccessProtocol)).toBe(false);
  });

  test('features above bit 33 need 64 bits of features', () => {
    const { access } = open(make);
    const wide = make === modern || _name === 'MMIO 2';
    expect(access.ringFeatures).toBe(wide ? 0x14c_3000_0000n : 0x3000_0000n);
  });
});

describe.each([
  ['PCI modern', modern],
  ['PCI legacy', legacy],
] as const)('%s', (_name, make) => {
  test('Stop takes both away', () => {
    const { world } = open(make);
    world.bs.disconnectController(world.function);
    expect(world.has(VirtioDeviceProtocol)).toBe(false);
    expect(world.has(VirtioQueueAccessProtocol)).toBe(false);
  });

  test('Stop fails while somebody holds it, and both are there then', () => {
    const { world, access } = open(make);
    const controller = world.function;
    world.bs.openProtocol(controller, VirtioQueueAccessProtocol, controller, controller, 0x20);
    expect(statusOf(() => world.bs.disconnectController(controller))).not.toBe('EFI_SUCCESS');
    expect(world.openOnly(VirtioQueueAccessProtocol)).toBe(access);
    expect(world.has(VirtioDeviceProtocol)).toBe(true);
  });
});

describe.each([
  ['PCI legacy', legacy],
  ['MMIO 1', mmio(1)],
] as const)('%s: what a legacy interface has not', (_name, make) => {
  test.each<readonly [string, (access: VirtioQueueAccess) => void]>([
    ['notification data', (access) => access.setQueueNotifyData(0, 1)],
    ['a reset of a queue', (access) => access.resetQueue(0)],
    ['a generation of the configuration', (access) => void access.getConfigGeneration()],
    [
      'a queue whose parts lie anywhere',
      (access) => access.setQueueAreas({ descriptor: 0x1000, driver: 0x3000, device: 0x2000 }),
    ],
  ])('%s: EFI_UNSUPPORTED, without a write', (_what, call) => {
    const { world, access } = open(make);
    expect(
      written(world.during(() => expect(statusOf(() => call(access))).toBe('EFI_UNSUPPORTED'))),
    ).toEqual([]);
  });

  test('a ring in one piece is published as its page', () => {
    const { world, access } = open(make);
    world.openOnly(VirtioDeviceProtocol).setQueueSel(0);
    const accesses = world.during(() => {
      access.setQueueAreas({ descriptor: 0x5000, driver: 0x5080, device: 0x6000 });
    });
    expect(written(accesses)).toEqual([expect.stringMatching(/^W32 .* = 05$/)]);
  });
});

describe('PCI modern, virtio §4.1', () => {
  test('the parts of a queue go where they are told, and last the queue is enabled', () => {
    const { world, access } = open(modern);
    world.openOnly(VirtioDeviceProtocol).setQueueSel(1);
    const accesses = world.during(() => {
      access.setQueueAreas({ descriptor: 0x1_0000_5000, driver: 0x9000, device: 0x7000 });
    });
    expect(written(accesses)).toEqual([
      'W32 common+20 = 5000',
      'W32 common+24 = 01',
      'W32 common+28 = 9000',
      'W32 common+2c = 00',
      'W32 common+30 = 7000',
      'W32 common+34 = 00',
      'W16 common+1c = 01',
    ]);
  });

  test('notification data is one access of 32 bits (§4.1.5.2)', () => {
    const { world, access } = open(modern);
    expect(written(world.during(() => access.setQueueNotifyData(2, 0x8003))).at(-1)).toMatch(
      /^W32 notify\+\w+ = 80030002$/,
    );
  });

  test('a queue is reset when it says so (§4.1.4.3.2)', () => {
    const { world, access } = open(modern);
    const accesses = world.during(() => access.resetQueue(1));
    expect(accesses).toEqual([
      'W16 common+16 = 01',
      'W16 common+3a = 01',
      'R16 common+3a = 00',
      'R16 common+1c = 00',
    ]);
  });

  test('the generation of the configuration', () => {
    const { world, access } = open(modern);
    expect(world.during(() => void access.getConfigGeneration())).toEqual(['R8 common+15 = 00']);
  });

  test('a common configuration of before virtio 1.2 has no reset of a queue', () => {
    const func = new ModernFunction().present({ type: 1, length: 0x38 }, { type: 2 }, { type: 4 });
    const world = new VirtioWorld(func, { modules: [virtio10Dxe] });
    world.connectRoot();
    const access = world.openOnly(VirtioQueueAccessProtocol);
    expect(access.ringFeatures).toBe(0x4c_3000_0000n);
    expect(statusOf(() => access.resetQueue(0))).toBe('EFI_UNSUPPORTED');
  });
});

describe('MMIO 2, virtio §4.2', () => {
  test('the parts of a queue go where they are told, and last the queue is ready', () => {
    const { world, access } = open(mmio(2));
    world.openOnly(VirtioDeviceProtocol).setQueueSel(1);
    const accesses = world.during(() => {
      access.setQueueAreas({ descriptor: 0x1_0000_5000, driver: 0x9000, device: 0x7000 });
    });
    expect(written(accesses)).toEqual([
      'W32 @38 = 10',
      'W32 @80 = 5000',
      'W32 @84 = 01',
      'W32 @90 = 9000',
      'W32 @94 = 00',
      'W32 @a0 = 7000',
      'W32 @a4 = 00',
      'W32 @44 = 01',
    ]);
  });

  test('notification data goes into the upper half of QueueNotify (§4.2.3.3)', () => {
    const { world, access } = open(mmio(2));
    expect(world.during(() => access.setQueueNotifyData(2, 0x8003))).toEqual([
      'W32 @50 = 80030002',
    ]);
  });

  test('a queue is reset when it says so (§4.2.2.1)', () => {
    const { world, access } = open(mmio(2));
    expect(world.during(() => access.resetQueue(1))).toEqual([
      'W32 @30 = 01',
      'W32 @c0 = 01',
      'R32 @c0 = 00',
      'R32 @44 = 00',
    ]);
  });

  test('the generation of the configuration', () => {
    const { world, access } = open(mmio(2));
    expect(world.during(() => void access.getConfigGeneration())).toEqual(['R32 @fc = 00']);
  });
});
