import { BlockIoProtocol } from '@dxelab/uefi';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import type { VirtioMmioVersion } from '@dxelab/virtio-devices';
import { VirtioMmio } from '@dxelab/virtio-devices';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { describe, expect, test } from 'vitest';
import { BlkWorld } from '../virtio-blk-dxe/blk-world.fixture.ts';
import { Recorder } from '../virtio10-dxe/recorder.fixture.ts';

/** As in the golden traces: a disk of 2048 sectors, with topology (exp 3, opt 16) and 128 descriptors. */
const blk = { queueSize: 128, topology: { physicalBlockExp: 3, optIoSize: 16 } };

/** A world in the `edk2` profile, in which the modules and the device's registers are recorded. */
function recorded(version: VirtioMmioVersion) {
  const recorder = new Recorder();
  const ofRing = /^(W32 @(?:8|9|a|40).* =).*/;
  let world: BlkWorld | undefined;
  const start = recorder.during(() => {
    world = new BlkWorld({
      profile: 'edk2',
      blk,
      transport: { accessPlatform: true },
      plug: (disk, options) => new VirtioMmio(disk, { ...options, version }),
      modules: [virtioFdtDxe, virtioBlkDxe].map((module) => recorder.record(module)),
      onAccess: (access) => recorder.note(access.replace(ofRing, '$1 addr')),
    });
  });
  if (world === undefined) throw new TypeError('there is no world');
  return { recorder, world, start };
}

/** Single bytes, from the first offset on. */
const bytes = (at: number, ...values: readonly number[]): readonly string[] =>
  values.map(
    (value, index) => `R8 @${(at + index).toString(16)} = ${value.toString(16).padStart(2, '0')}`,
  );

/** What every driver of a disk reads of its configuration, and how OVMF does it. */
const CONFIG = [
  ...bytes(0x100, 0x00, 0x08, 0, 0, 0, 0, 0, 0),
  ...bytes(0x114, 0x00, 0x02, 0, 0),
  ...bytes(0x118, 3),
  ...bytes(0x119, 0),
  ...bytes(0x11c, 0x10, 0, 0, 0),
];

const BINDING = ['open VirtioDevice 10', 'close VirtioDevice', 'open VirtioDevice 10'];
const READY = ['CreateEvent(201,8)', 'install BlockIo'];
const FEATURES = expect.stringMatching(/^R32 @10 = /);

describe('edk2: every call of OVMF (VirtioBlkDxe over VirtioMmioDeviceLib)', () => {
  test.each([1, 2] as const)('version %d: VirtioFdtDxe finds the device', (version) => {
    const { start } = recorded(version);
    const last = start.indexOf('install VirtioDevice');
    expect(start.slice(start.indexOf('install DevicePath'), last + 1)).toEqual([
      'install DevicePath',
      'R32 @08 = 02',
      'R32 @00 = 74726976',
      `R32 @04 = 0${version}`,
      'install VirtioDevice',
    ]);
  });

  test('version 2: status 0, 1, 3, b, f', () => {
    const { recorder, world } = recorded(2);
    const handle = world.only(VirtioDeviceProtocol);
    expect(recorder.during(() => world.bs.connectController(handle))).toEqual([
      ...BINDING,
      'W32 @70 = 00',
      'W32 @70 = 01',
      'W32 @70 = 03',
      'W32 @14 = 00',
      FEATURES,
      'W32 @14 = 01',
      'R32 @10 = 103',
      ...CONFIG,
      'W32 @24 = 00',
      'W32 @20 = 640',
      'W32 @24 = 01',
      'W32 @20 = 03',
      'W32 @70 = 0b',
      'R32 @70 = 0b',
      'W32 @30 = 00',
      'R32 @34 = 80',
      'AllocatePages(2)',
      'W32 @38 = 80',
      ...['80', '84', '90', '94', 'a0', 'a4'].map((at) => `W32 @${at} = addr`),
      'W32 @44 = 01',
      'W32 @70 = 0f',
      ...READY,
    ]);
  });

  test('version 1: status 0, 1, 3, 7; no selectors; features behind the queue address', () => {
    const { recorder, world } = recorded(1);
    const handle = world.only(VirtioDeviceProtocol);
    expect(recorder.during(() => world.bs.connectController(handle))).toEqual([
      ...BINDING,
      'W32 @70 = 00',
      'W32 @70 = 01',
      'W32 @70 = 03',
      'W32 @28 = 1000',
      FEATURES,
      ...CONFIG,
      'W32 @30 = 00',
      'R32 @34 = 80',
      'R32 @34 = 80',
      'AllocatePages(2)',
      'W32 @38 = 80',
      'W32 @3c = 1000',
      'W32 @40 = addr',
      'W32 @20 = 640',
      'W32 @70 = 07',
      ...READY,
    ]);
  });

  test.each([1, 2] as const)('version %d: ReadBlocks(8, 1024): one access a kick', (version) => {
    const { recorder, world } = recorded(version);
    const disk = world.open();
    const page = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    const lines = recorder.during(() => disk.readBlocks(0, 8, { address: page, length: 1024 }));
    expect(lines).toEqual([
      'AllocatePool(16)',
      'AllocatePages(1)',
      'RaiseTPL(16)',
      'fence',
      'fence',
      'W32 @50 = 00',
      'fence',
      'fence',
      'restoreTpl',
      'FreePages(1)',
      'freePool',
    ]);
  });

  test.each([1, 2] as const)('version %d: Stop: one write of 0, without waiting', (version) => {
    const { recorder, world } = recorded(version);
    world.connect();
    const handle = world.only(BlockIoProtocol);
    const lines = recorder.during(() => world.bs.disconnectController(handle));
    expect(lines).toEqual([
      'open BlockIo 02',
      'uninstall BlockIo',
      'closeEvent',
      'W32 @70 = 00',
      'FreePages(2)',
      'close VirtioDevice',
    ]);
  });

  test.each([1, 2] as const)('version %d: ExitBootServices: one write of 0', (version) => {
    const { recorder, world } = recorded(version);
    world.connect();
    const lines = recorder.during(() => {
      world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    });
    expect(lines).toEqual(['W32 @70 = 00']);
  });
});

describe('specification: what the standard asks for', () => {
  /** A world that is about to start; `found` is what was asked before that. */
  function specified(version: VirtioMmioVersion) {
    const found: string[] = [];
    const world = new BlkWorld({
      blk,
      plug: (disk, options) => new VirtioMmio(disk, { ...options, version }),
      modules: [virtioFdtDxe, virtioBlkDxe],
      onAccess: (access) => found.push(access),
    });
    return { world, found: [...found] };
  }
  const places = (accesses: readonly string[]): readonly string[] =>
    accesses.map((access) => access.replace(/ = .*/, ''));

  test.each([1, 2] as const)(
    'version %d: who it is is asked in the order of §4.2.3.1.1',
    (version) => {
      expect(specified(version).found).toEqual([
        'R32 @00 = 74726976',
        `R32 @04 = 0${version}`,
        'R32 @08 = 02',
      ]);
    },
  );

  test('version 2: natural widths, ConfigGeneration, QueueReady', () => {
    const { world } = specified(2);
    expect(places(world.during(() => world.connect()))).toEqual([
      'W32 @70',
      'R32 @70',
      'W32 @70',
      'W32 @70', // §2.4.2
      'W32 @14',
      'R32 @10',
      'W32 @14',
      'R32 @10',
      'R32 @fc',
      'R32 @100',
      'R32 @104',
      'R32 @fc', // §2.5.1
      'R32 @114',
      'R8 @118',
      'R8 @119',
      'R32 @11c',
      'R32 @10c',
      'W32 @24',
      'W32 @20',
      'W32 @24',
      'W32 @20',
      'W32 @70',
      'R32 @70',
      'W32 @30',
      'R32 @34',
      'R32 @34',
      'R32 @44',
      'W32 @38', // §4.2.3.2
      'W32 @80',
      'W32 @84',
      'W32 @90',
      'W32 @94',
      'W32 @a0',
      'W32 @a4',
      'W32 @44',
      'W32 @70',
    ]);
    expect(world.findings).toEqual([]);
  });

  test('version 1: selectors, the capacity twice, features before the queue, QueuePFN', () => {
    const { world } = specified(1);
    expect(places(world.during(() => world.connect()))).toEqual([
      'W32 @70',
      'R32 @70',
      'W32 @70',
      'W32 @70',
      'W32 @28',
      'W32 @14',
      'R32 @10',
      'R32 @100',
      'R32 @104',
      'R32 @100',
      'R32 @104', // §2.5.4
      'R32 @114',
      'R8 @118',
      'R8 @119',
      'R32 @11c',
      'R32 @10c',
      'W32 @24',
      'W32 @20',
      'W32 @30',
      'R32 @34',
      'R32 @34',
      'W32 @38',
      'W32 @3c',
      'R32 @40',
      'W32 @40', // §4.2.4
      'W32 @70',
    ]);
    expect(world.findings).toEqual([]);
  });

  test.each([1, 2] as const)('version %d: ReadBlocks: one access a kick', (version) => {
    const { world } = specified(version);
    const disk = world.open();
    const accesses = world.during(() => disk.readBlocks(0, 8, new Uint8Array(1024)));
    expect(accesses).toEqual(['W32 @50 = 00']);
  });
});
