import { describe, expect, test } from 'vitest';
import { BlockIoProtocol } from '@dxelab/uefi';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { Recorder } from '../virtio10-dxe/recorder.fixture.ts';
import { BlkWorld } from './blk-world.fixture.ts';

/** As in the golden traces: a disk of 2048 sectors, with topology (exp 3, opt 16) and 128 descriptors. */
const blk = { queueSize: 128, topology: { physicalBlockExp: 3, optIoSize: 16 } };

/** A world in the `edk2` profile, in which both drivers and the device's structures are recorded. */
function recorded() {
  const recorder = new Recorder();
  const world = new BlkWorld({
    profile: 'edk2',
    blk,
    transport: { accessPlatform: true },
    modules: [virtio10Dxe, virtioBlkDxe].map((module) => recorder.record(module)),
    onAccess: (access) => recorder.note(access.replace(/^(W32 common\+[23]. =).*/, '$1 addr')),
  });
  return { recorder, world };
}

function restarted() {
  const { recorder, world } = recorded();
  const handle = world.connect();
  return { recorder, world, handle };
}

describe('edk2: every call of OVMF (VirtioBlkDxe over Virtio10Dxe)', () => {
  test('Start: the queue is allocated, mapped and published, then the device is ready', () => {
    const { recorder, world } = recorded();
    world.connectRoot(false);
    const lines = recorder.during(() => world.bs.connectController(world.function));
    const start = lines.slice(lines.indexOf('install VirtioDevice') + 1);
    expect(start).toEqual([
      'open VirtioDevice 10',
      'close VirtioDevice',
      'open VirtioDevice 10',
      'W8 common+14 = 00',
      'W8 common+14 = 01',
      'W8 common+14 = 03',
      'W32 common+00 = 00',
      expect.stringMatching(/^R32 common\+04 = /),
      'W32 common+00 = 01',
      expect.stringMatching(/^R32 common\+04 = /),
      'R32 device+00 = 800',
      'R32 device+04 = 00',
      'R32 device+14 = 200',
      'R8 device+18 = 03',
      'R8 device+19 = 00',
      'R32 device+1c = 10',
      'W32 common+08 = 00',
      'W32 common+0c = 640',
      'W32 common+08 = 01',
      'W32 common+0c = 03',
      'W8 common+14 = 0b',
      'R8 common+14 = 0b',
      'W16 common+16 = 00',
      'R16 common+18 = 80',
      'AllocateBuffer(EfiBootServicesData,2,800)',
      'Map(BusMasterCommonBuffer,8192)',
      'R16 common+18 = 80',
      ...['20', '24', '28', '2c', '30', '34'].map((at) => `W32 common+${at} = addr`),
      'W16 common+1c = 01',
      'W8 common+14 = 0f',
      'CreateEvent(201,8)',
      'install BlockIo',
    ]);
  });

  test('ReadBlocks(8, 1024): header, data and status are mapped, and unmapped in reverse', () => {
    const { recorder, world } = restarted();
    const disk = world.openOnly(BlockIoProtocol);
    const page = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    const lines = recorder.during(() => disk.readBlocks(0, 8, { address: page, length: 1024 }));
    expect(lines).toEqual([
      'AllocatePool(16)',
      'AllocateBuffer(EfiBootServicesData,1,800)',
      'Map(BusMasterRead,16)',
      'Map(BusMasterWrite,1024)',
      'Map(BusMasterCommonBuffer,1)',
      'RaiseTPL(16)',
      'fence',
      'fence',
      'R16 common+16 = 00',
      'W16 common+16 = 00',
      'R16 common+1e = 00',
      'W16 common+16 = 00',
      'W16 notify+00 = 00',
      'fence',
      'fence',
      'restoreTpl',
      'Unmap(BusMasterCommonBuffer,1)',
      'Unmap(BusMasterWrite,1024)',
      'Unmap(BusMasterRead,16)',
      'FreeBuffer(1)',
      'freePool',
    ]);
  });

  test('WriteBlocks maps its data for reading; FlushBlocks has none', () => {
    const { recorder, world } = restarted();
    const disk = world.openOnly(BlockIoProtocol);
    const maps = (body: () => void): readonly string[] =>
      recorder.during(body).filter((line) => line.startsWith('Map'));
    expect(maps(() => disk.writeBlocks(0, 8, new Uint8Array(512)))).toEqual([
      'Map(BusMasterRead,16)',
      'Map(BusMasterRead,512)',
      'Map(BusMasterCommonBuffer,1)',
    ]);
    expect(maps(() => disk.flushBlocks())).toEqual([
      'Map(BusMasterRead,16)',
      'Map(BusMasterCommonBuffer,1)',
    ]);
  });

  test('Stop: the device is stopped before its memory is given back, and attributes are restored', () => {
    const { recorder, world, handle } = restarted();
    const lines = recorder.during(() => world.bs.disconnectController(handle));
    const wanted = [
      'open BlockIo 02',
      'uninstall BlockIo',
      'closeEvent',
      'W8 common+14 = 00',
      'Unmap(BusMasterCommonBuffer,8192)',
      'FreeBuffer(2)',
      'close VirtioDevice',
    ];
    expect(lines.filter((line) => wanted.includes(line))).toEqual(wanted);
    const transport = [
      'open VirtioDevice 02',
      'uninstall VirtioDevice',
      'Attributes(Set,4000)',
      'close PciIo',
    ];
    expect(lines.filter((line) => transport.includes(line))).toEqual(transport);
  });
});
