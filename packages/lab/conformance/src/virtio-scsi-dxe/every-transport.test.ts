import {
  readScsiSense,
  SCSI_ASC_POWER_ON_OR_RESET,
  SCSI_READ_10,
  SCSI_SENSE_UNIT_ATTENTION,
  SCSI_STATUS_CHECK_CONDITION,
  SCSI_TEST_UNIT_READY,
  SCSI_WRITE_10,
} from '@dxelab/scsi';
import { ScsiDisk } from '@dxelab/scsi-targets';
import type { EfiExtScsiPassThru, HostBuffer, ScsiAddress } from '@dxelab/uefi';
import { EFI_EXT_SCSI_DATA_DIRECTION_WRITE, ExtScsiPassThruProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioDeviceModel } from '@dxelab/virtio-devices';
import { MemoryBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { counting } from './counting.fixture.ts';
import { command, ScsiWorld, statusOf, unit } from './scsi-world.fixture.ts';
import type { Plug } from './transports.fixture.ts';
import { EVERY_DRIVER, TRANSPORTS } from './transports.fixture.ts';

const SIZE = 2 ** 20;
/** Of a command. */
const PIECE = SIZE / 4;
const BLOCK = 512;

/** A host with one disk, on target 7, LUN 5. */
function host(disk: Uint8Array): VirtioDeviceModel {
  const drive = new ScsiDisk({ backend: new MemoryBackend(disk) });
  return new VirtioScsi({ units: [{ target: 7, lun: 5, unit: drive }] });
}

const DISK: ScsiAddress = unit(7, 5);

function worldWith(profile: Profile, plug: Plug, disk: Uint8Array, privateMemory = false) {
  return new ScsiWorld({
    profile,
    modules: EVERY_DRIVER,
    privateMemory,
    plug: () => plug(host(disk)),
  });
}

function cdb(code: number, block: number, blocks: number): Uint8Array {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, code);
  view.setUint32(2, block);
  view.setUint16(7, blocks);
  return bytes;
}

/** After power-on a unit has something to report first (SAM-6 §5.14). */
function awake(scsi: EfiExtScsiPassThru): void {
  scsi.passThru(DISK, command({ cdb: Uint8Array.of(SCSI_TEST_UNIT_READY, 0, 0, 0, 0, 0) }));
}

function read(scsi: EfiExtScsiPassThru, block: number, buffer: HostBuffer): void {
  const packet = command({
    cdb: cdb(SCSI_READ_10, block, buffer.length / BLOCK),
    inDataBuffer: buffer,
    inTransferLength: buffer.length,
  });
  scsi.passThru(DISK, packet);
  expect(packet).toMatchObject({ targetStatus: 0, inTransferLength: buffer.length });
}

function write(scsi: EfiExtScsiPassThru, block: number, buffer: HostBuffer): void {
  const packet = command({
    cdb: cdb(SCSI_WRITE_10, block, buffer.length / BLOCK),
    dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
    outDataBuffer: buffer,
    outTransferLength: buffer.length,
  });
  scsi.passThru(DISK, packet);
  expect(packet).toMatchObject({ targetStatus: 0, outTransferLength: buffer.length });
}

/** Every block, there and back. */
function exercise(scsi: EfiExtScsiPassThru, disk: Uint8Array): void {
  awake(scsi);
  const before = disk.slice();
  const buffer = new Uint8Array(PIECE);
  for (let at = 0; at < SIZE; at += PIECE) {
    read(scsi, at / BLOCK, buffer);
    expect(Buffer.compare(buffer, before.subarray(at, at + PIECE))).toBe(0);
    write(scsi, at / BLOCK, buffer.toReversed());
  }
  for (let at = 0; at < SIZE; at += PIECE) {
    const reversed = before.subarray(at, at + PIECE).toReversed();
    expect(Buffer.compare(disk.subarray(at, at + PIECE), reversed)).toBe(0);
  }
}

describe.each(PROFILES)('VirtioScsiDxe drives a SCSI disk, %s', (profile) => {
  test.each(TRANSPORTS)('%s: every block, and what is not there is not', (_name, plug) => {
    const disk = counting(SIZE);
    const world = worldWith(profile, plug, disk);
    const scsi = world.open();
    exercise(scsi, disk);
    expect(statusOf(() => scsi.passThru(unit(8), command()))).toBe('EFI_TIMEOUT');

    world.bs.disconnectController(world.only(ExtScsiPassThruProtocol));
    expect(world.has(ExtScsiPassThruProtocol)).toBe(false);
    exercise(world.open(), disk);
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(world.findings).toEqual([]);
  });

  test.each(TRANSPORTS)('%s: nothing is left behind when it goes', (_name, plug) => {
    const world = worldWith(profile, plug, counting(SIZE));
    const round = (): number => {
      const scsi = world.open();
      awake(scsi);
      read(scsi, 0, new Uint8Array(65536));
      world.bs.disconnectController(world.only(ExtScsiPassThruProtocol));
      return world.freePages();
    };
    round();
    expect(round()).toBe(round());
  });
});

describe('private memory: everything that the device reaches was shared with it', () => {
  test.each(TRANSPORTS)('%s', (_name, plug) => {
    const disk = counting(SIZE);
    const world = worldWith('specification', plug, disk, true);
    exercise(world.open(), disk);
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(world.findings).toEqual([]);
  });

  test('edk2, over modern PCI', () => {
    const disk = counting(SIZE);
    const world = worldWith('edk2', (device) => new VirtioPciModern(device), disk, true);
    exercise(world.open(), disk);
    expect(world.findings).toEqual([]);
  });
});

describe('a reset by task management', () => {
  test.each<readonly [string, (scsi: EfiExtScsiPassThru) => void]>([
    ['ResetTargetLun', (scsi) => scsi.resetTargetLun(DISK)],
    ['ResetChannel', (scsi) => scsi.resetChannel()],
  ])('%s: the disk reports a unit attention', (_name, reset) => {
    const world = worldWith(
      'specification',
      (device) => new VirtioPciModern(device),
      counting(SIZE),
    );
    const scsi = world.open();
    awake(scsi);
    reset(scsi);
    const senseData = new Uint8Array(18);
    const packet = command({ senseData, senseDataLength: 18 });
    scsi.passThru(DISK, packet);
    expect(packet.targetStatus).toBe(SCSI_STATUS_CHECK_CONDITION);
    const sense = readScsiSense(senseData);
    expect(sense?.key).toBe(SCSI_SENSE_UNIT_ATTENTION);
    expect((sense?.code ?? 0) & 0xff00).toBe(SCSI_ASC_POWER_ON_OR_RESET);
    expect(world.findings).toEqual([]);
  });
});
