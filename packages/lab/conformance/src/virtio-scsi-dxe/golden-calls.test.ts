import { EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL, ExtScsiPassThruProtocol } from '@dxelab/uefi';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import { describe, expect, test } from 'vitest';
import { Recorder } from '../virtio10-dxe/recorder.fixture.ts';
import { command, ScsiWorld, unit } from './scsi-world.fixture.ts';

/** A world in the `edk2` profile, in which both drivers and the device's structures are recorded. */
function recorded() {
  const recorder = new Recorder();
  const world = new ScsiWorld({
    profile: 'edk2',
    transport: { accessPlatform: true },
    modules: [virtio10Dxe, virtioScsiDxe].map((module) => recorder.record(module)),
    onAccess: (access) => recorder.note(access.replace(/^(W32 common\+[23]. =).*/, '$1 addr')),
  });
  return { recorder, world };
}

const KICK = [
  'fence',
  'fence',
  'R16 common+16 = 02',
  'W16 common+16 = 02',
  'R16 common+1e = 02',
  'W16 common+16 = 02',
  'W16 notify+08 = 02',
  'fence',
  'fence',
];

describe('edk2: every call of OVMF (VirtioScsiDxe over Virtio10Dxe)', () => {
  test('Start: the queue is allocated, mapped and published, then the device is ready', () => {
    const { recorder, world } = recorded();
    world.connectRoot(false);
    const lines = recorder.during(() => world.bs.connectController(world.function));
    expect(lines.slice(lines.indexOf('AllocateBuffer(EfiBootServicesData,2,800)'))).toEqual([
      'AllocateBuffer(EfiBootServicesData,2,800)',
      'Map(BusMasterCommonBuffer,8192)',
      'R16 common+18 = 80',
      ...['20', '24', '28', '2c', '30', '34'].map((at) => `W32 common+${at} = addr`),
      'W16 common+1c = 01',
      'W32 device+18 = 20',
      'W32 device+14 = 60',
      'W8 common+14 = 0f',
      'CreateEvent(201,8)',
      'install ExtScsiPassThru',
    ]);
  });

  test('a read of 36 bytes: request, pages for the data, and the response, each mapped', () => {
    const { recorder, world } = recorded();
    world.connect();
    const scsi = world.openOnly(ExtScsiPassThruProtocol);
    const packet = command({ inDataBuffer: new Uint8Array(36), inTransferLength: 36 });
    expect(recorder.during(() => scsi.passThru(unit(0), packet))).toEqual([
      'AllocatePool(51)',
      'Map(BusMasterRead,51)',
      'AllocateBuffer(EfiBootServicesData,1,800)',
      'Map(BusMasterCommonBuffer,36)',
      'AllocateBuffer(EfiBootServicesData,1,800)',
      'Map(BusMasterCommonBuffer,108)',
      ...KICK,
      'Unmap(BusMasterCommonBuffer,108)',
      'FreeBuffer(1)',
      'Unmap(BusMasterCommonBuffer,36)',
      'FreeBuffer(1)',
      'Unmap(BusMasterRead,51)',
      'freePool',
    ]);
  });

  test('both ways: the outgoing data are mapped where they are', () => {
    const { recorder, world } = recorded();
    world.connect();
    const scsi = world.openOnly(ExtScsiPassThruProtocol);
    const packet = command({
      dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
      inDataBuffer: new Uint8Array(5000),
      inTransferLength: 5000,
      outDataBuffer: new Uint8Array(24),
      outTransferLength: 24,
    });
    const lines = recorder.during(() => scsi.passThru(unit(0), packet));
    expect(lines.filter((line) => !KICK.includes(line))).toEqual([
      'AllocatePool(51)',
      'Map(BusMasterRead,51)',
      'AllocateBuffer(EfiBootServicesData,2,800)',
      'Map(BusMasterCommonBuffer,5000)',
      'Map(BusMasterRead,24)',
      'AllocateBuffer(EfiBootServicesData,1,800)',
      'Map(BusMasterCommonBuffer,108)',
      'Unmap(BusMasterCommonBuffer,108)',
      'FreeBuffer(1)',
      'Unmap(BusMasterRead,24)',
      'Unmap(BusMasterCommonBuffer,5000)',
      'FreeBuffer(2)',
      'Unmap(BusMasterRead,51)',
      'freePool',
    ]);
  });

  test('a request that is refused has cost a pool allocation', () => {
    const { recorder, world } = recorded();
    world.connect();
    const scsi = world.openOnly(ExtScsiPassThruProtocol);
    const lines = recorder.during(() => {
      expect(() => scsi.passThru(unit(0, 8), command())).toThrow('EFI_INVALID_PARAMETER');
    });
    expect(lines).toEqual(['AllocatePool(51)', 'freePool']);
  });

  test('Stop: the device is stopped before its memory is given back', () => {
    const { recorder, world } = recorded();
    const handle = world.connect();
    const lines = recorder.during(() => world.bs.disconnectController(handle));
    const wanted = [
      'open ExtScsiPassThru 02',
      'uninstall ExtScsiPassThru',
      'closeEvent',
      'W8 common+14 = 00',
      'Unmap(BusMasterCommonBuffer,8192)',
      'FreeBuffer(2)',
      'close VirtioDevice',
    ];
    expect(lines.filter((line) => wanted.includes(line))).toEqual(wanted);
  });
});

describe('specification: nothing is allocated for a request, and only its data are mapped', () => {
  function calls(fields: Parameters<typeof command>[0]): readonly string[] {
    const recorder = new Recorder();
    const modules = [virtio10Dxe, virtioScsiDxe].map((module) => recorder.record(module));
    const world = new ScsiWorld({ modules });
    world.connect();
    const scsi = world.openOnly(ExtScsiPassThruProtocol);
    const page = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    const inDataBuffer = { address: page, length: 512 };
    return recorder.during(() => scsi.passThru(unit(0), command({ inDataBuffer, ...fields })));
  }
  const FENCES = ['fence', 'fence', 'fence', 'fence'];

  test('a read of 512 bytes', () => {
    expect(calls({ inTransferLength: 512 })).toEqual([
      'RaiseTPL(16)',
      'Map(BusMasterWrite,512)',
      ...FENCES,
      'Unmap(BusMasterWrite,512)',
      'restoreTpl',
    ]);
  });

  test('a command without data', () => {
    expect(calls({})).toEqual(['RaiseTPL(16)', ...FENCES, 'restoreTpl']);
  });
});
