import { BlockIoProtocol } from '@dxelab/uefi';
import type { VirtioBlk, VirtioTransportOptions } from '@dxelab/virtio-devices';
import { VirtioPciLegacy, VirtioPciTransitional } from '@dxelab/virtio-devices';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { describe, expect, test } from 'vitest';
import { BlkWorld } from '../virtio-blk-dxe/blk-world.fixture.ts';
import { Recorder } from '../virtio10-dxe/recorder.fixture.ts';

/** As in the golden traces: a disk of 2048 sectors, with topology (exp 3, opt 16) and 128 descriptors. */
const blk = { queueSize: 128, topology: { physicalBlockExp: 3, optIoSize: 16 } };

type Transport = new (
  disk: VirtioBlk,
  options?: VirtioTransportOptions,
) => VirtioPciLegacy | VirtioPciTransitional;

/** A world in the `edk2` profile, in which both drivers and the device's registers are recorded. */
function recordedOn(Plugged: Transport) {
  const recorder = new Recorder();
  const world = new BlkWorld({
    profile: 'edk2',
    blk,
    plug: (disk, options) => new Plugged(disk, options),
    modules: [virtioPciDeviceDxe, virtioBlkDxe].map((module) => recorder.record(module)),
    onAccess: (access) => recorder.note(access.replace(/^(W32 @08 =).*/, '$1 pfn')),
  });
  return { recorder, world };
}

describe.each<[string, Transport]>([
  ['legacy', VirtioPciLegacy],
  ['transitional', VirtioPciTransitional],
])(
  'edk2: every call of OVMF (VirtioBlkDxe over VirtioPciDeviceDxe): a %s device',
  (_name, device) => {
    const recorded = () => recordedOn(device);

    test('the transport: attributes first, then the header', () => {
      const { recorder, world } = recorded();
      world.connectRoot(false);
      const lines = recorder.during(() => world.bs.connectController(world.function));
      expect(lines.slice(0, lines.indexOf('install VirtioDevice') + 1)).toEqual([
        // Supported
        'open PciIo 10',
        'CFG R32 @00 x16',
        'close PciIo',
        // Start
        'open PciIo 10',
        'Attributes(Get)',
        'Attributes(Enable,500)',
        'CFG R32 @00 x16',
        'install VirtioDevice',
      ]);
    });

    test('the disk: status 0, 1, 3, 7; features behind the queue address; nothing is mapped', () => {
      const { recorder, world } = recorded();
      world.connectRoot(false);
      const lines = recorder.during(() => world.bs.connectController(world.function));
      expect(lines.slice(lines.indexOf('install VirtioDevice') + 1)).toEqual([
        'open VirtioDevice 10',
        'close VirtioDevice',
        'open VirtioDevice 10',
        'W8 @12 = 00',
        'W8 @12 = 01',
        'W8 @12 = 03',
        expect.stringMatching(/^R32 @00 = /),
        'R32 @14 = 800',
        'R32 @18 = 00',
        'R32 @28 = 200',
        'R8 @2c = 03',
        'R8 @2d = 00',
        'R32 @30 = 10',
        'W16 @0e = 00',
        'R16 @0c = 80',
        'AllocatePages(2)',
        'W32 @08 = pfn',
        'W32 @04 = 640',
        'W8 @12 = 07',
        'CreateEvent(201,8)',
        'install BlockIo',
      ]);
    });

    test('ReadBlocks(8, 1024): one access a kick, and no Map', () => {
      const { recorder, world } = recorded();
      const disk = world.open();
      const page = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
      const lines = recorder.during(() => disk.readBlocks(0, 8, { address: page, length: 1024 }));
      expect(lines).toEqual([
        'AllocatePool(16)',
        'AllocatePages(1)',
        'RaiseTPL(16)',
        'fence',
        'fence',
        'W16 @10 = 00',
        'fence',
        'fence',
        'restoreTpl',
        'FreePages(1)',
        'freePool',
      ]);
    });

    test('Stop: one write of 0, without waiting', () => {
      const { recorder, world } = recorded();
      world.connect();
      const handle = world.only(BlockIoProtocol);
      const lines = recorder.during(() => world.bs.disconnectController(handle));
      const wanted = [
        'uninstall BlockIo',
        'closeEvent',
        'W8 @12 = 00',
        'FreePages(2)',
        'close VirtioDevice',
        'uninstall VirtioDevice',
        'Attributes(Set,4000)',
        'close PciIo',
      ];
      expect(lines.filter((line) => wanted.includes(line))).toEqual(wanted);
      expect(lines.filter((line) => line.includes('@'))).toEqual(['W8 @12 = 00']);
    });

    test('ExitBootServices: one write of 0', () => {
      const { recorder, world } = recorded();
      world.connect();
      const lines = recorder.during(() => {
        world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
      });
      expect(lines).toEqual(['W8 @12 = 00']);
    });
  },
);

describe('specification: what the standard asks for', () => {
  const specified = (): BlkWorld =>
    new BlkWorld({
      blk,
      plug: (disk, options) => new VirtioPciLegacy(disk, options),
      modules: [virtioPciDeviceDxe, virtioBlkDxe],
    });
  const places = (accesses: readonly string[]): readonly string[] =>
    accesses.map((access) => access.replace(/ = .*/, ''));

  test('Start: a reset is waited for, the capacity read twice, features set before the queue', () => {
    const world = specified();
    expect(places(world.during(() => world.connect()))).toEqual([
      'W8 @12',
      'R8 @12', // virtio §2.4.2
      'W8 @12',
      'W8 @12',
      'R32 @00',
      'R32 @14',
      'R32 @18',
      'R32 @14',
      'R32 @18', // §2.5.4
      'R32 @28',
      'R8 @2c',
      'R8 @2d',
      'R32 @30',
      'R32 @20', // seg_max is negotiated and honoured
      'W32 @04', // §3.1.1
      'W16 @0e',
      'R16 @0c',
      'R16 @0c', // a legacy queue has the device's size
      'W32 @08',
      'W8 @12',
    ]);
    expect(world.findings).toEqual([]);
  });

  test('ReadBlocks: one access a kick', () => {
    const world = specified();
    const disk = world.open();
    const accesses = world.during(() => disk.readBlocks(0, 8, new Uint8Array(1024)));
    expect(accesses).toEqual(['W16 @10 = 00']);
  });
});
