import { MemoryBackend, SparseBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { ScsiCdRom } from '../cd-rom/scsi-cd-rom.ts';
import type { ScsiDiskOptions } from '../disk/scsi-disk-options.ts';
import { ScsiDisk } from '../disk/scsi-disk.ts';
import type { ScsiLogicalUnit } from '../scsi-logical-unit.ts';
import { cdbOf, run } from '../test-task.fixture.ts';

const disk = (options: Partial<ScsiDiskOptions> = {}): ScsiDisk =>
  new ScsiDisk({ backend: new MemoryBackend(64 * 4096), ...options });

function vpd(unit: ScsiLogicalUnit, pageCode: number): SCSI.ScsiVpdPage {
  const cdb = cdbOf(SCSI.SCSI_INQUIRY, 6, [1, 1, 1], [2, 1, pageCode], [3, 2, 4096]);
  const page = SCSI.readVpdPage(run(unit, cdb).data);
  if (page?.pageCode !== pageCode) throw new Error(`there is no page ${pageCode}`);
  return page;
}

describe('INQUIRY (SPC-6)', () => {
  const inquire = (unit: ScsiLogicalUnit, room = 255) =>
    run(unit, cdbOf(SCSI.SCSI_INQUIRY, 6, [3, 2, room]));

  test('says who a disk is', () => {
    const unit = disk({ vendor: 'ACME', product: 'Rocket', revision: '2.0' });
    expect(SCSI.readInquiry(inquire(unit).data)).toEqual({
      peripheralQualifier: 0,
      deviceType: SCSI.SCSI_TYPE_DISK,
      removable: false,
      version: SCSI.SCSI_VERSION_SPC_3,
      responseDataFormat: 2,
      hierarchicalLuns: true,
      commandQueuing: true,
      vendor: 'ACME',
      product: 'Rocket',
      revision: '2.0',
    });
  });

  test('and who a drive is', () => {
    expect(SCSI.readInquiry(inquire(new ScsiCdRom()).data)).toMatchObject({
      deviceType: SCSI.SCSI_TYPE_CDROM,
      removable: true,
      vendor: 'dxelab',
      product: 'SCSI CD-ROM',
    });
  });

  test('is cut where the allocation length ends, and says how long it were', () => {
    const { data, dataInWanted } = inquire(disk(), 5);
    expect([data.length, data[4], dataInWanted]).toEqual([5, 31, 5]);
    expect(inquire(disk(), 0)).toMatchObject({ outcome: 'status 0', dataInMoved: 0 });
  });

  test('is answered while a unit attention is pending, and leaves it so (SAM-6)', () => {
    const unit = disk();
    expect(inquire(unit).outcome).toBe('status 0');
    expect(run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6)).outcome).toBe('6/2900');
  });

  test.each([
    ['a page code without EVPD', [2, 1, 0x80]],
    ['CMDDT, which is obsolete', [1, 1, 2]],
  ] as const)('refuses %s', (_what, field) => {
    expect(run(disk(), cdbOf(SCSI.SCSI_INQUIRY, 6, field, [3, 2, 255])).outcome).toBe('5/2400');
  });
});

describe('VPD pages of a disk (SPC-6, SBC-4)', () => {
  test('0x00 lists them', () => {
    expect([...vpd(disk(), 0x00).data]).toEqual([0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2]);
  });

  test('0x80 is the serial number, or spaces', () => {
    expect(SCSI.readUnitSerialNumber(vpd(disk({ serial: 'A-17' }), 0x80).data)).toBe('A-17');
    expect([...vpd(disk(), 0x80).data]).toEqual([0x20, 0x20, 0x20, 0x20]);
  });

  test('0x83 names the unit by what tells it from others, and by its worldwide name', () => {
    const unit = disk({ name: 'system', wwn: 0x5000_c500_1234_5678n });
    const [named, numbered, ...others] = SCSI.readDeviceIdentification(vpd(unit, 0x83).data);
    expect(named).toMatchObject({ codeSet: 2, association: 0, type: 1 });
    expect(new TextDecoder().decode(named?.designator)).toBe('dxelab  SCSI disk       system');
    expect(numbered).toMatchObject({ codeSet: 1, association: 0, type: 3 });
    expect([...(numbered?.designator ?? [])]).toEqual([0x50, 0, 0xc5, 0, 0x12, 0x34, 0x56, 0x78]);
    expect(others).toEqual([]);
    const serial = SCSI.readDeviceIdentification(vpd(disk({ serial: 'A-17' }), 0x83).data);
    expect(serial).toHaveLength(1);
    expect(new TextDecoder().decode(serial[0]?.designator.subarray(24))).toBe('A-17');
  });

  test('0xB0 says what one command may move, and what it had best', () => {
    const unit = disk({ backend: new SparseBackend(2 ** 20), physicalBlockSize: 4096 });
    expect(SCSI.readBlockLimits(vpd(unit, 0xb0).data)).toEqual({
      writeSameNonZero: true,
      optimalTransferLengthGranularity: 8,
      maximumTransferLength: 4194303,
      optimalTransferLength: 0,
      maximumUnmapLbaCount: 0x20_0000,
      maximumUnmapBlockDescriptorCount: 255,
      optimalUnmapGranularity: 8,
      maximumWriteSameLength: 0x1_0000,
    });
    expect(SCSI.readBlockLimits(vpd(disk(), 0xb0).data)).toMatchObject({
      optimalTransferLengthGranularity: 0,
      maximumUnmapLbaCount: 0,
      maximumUnmapBlockDescriptorCount: 0,
    });
  });

  test('0xB1 says whether the medium turns', () => {
    const rotation = (unit: ScsiDisk): number =>
      SCSI.readBlockDeviceCharacteristics(vpd(unit, 0xb1).data).rotationRate;
    expect(rotation(disk())).toBe(0);
    expect(rotation(disk({ rotationRate: SCSI.SCSI_ROTATION_NONE }))).toBe(1);
    expect(rotation(disk({ rotationRate: 7200 }))).toBe(7200);
  });

  test('0xB2 says whether blocks can be unmapped', () => {
    const provisioning = (unit: ScsiDisk) =>
      SCSI.readLogicalBlockProvisioning(vpd(unit, 0xb2).data);
    expect(provisioning(disk())).toMatchObject({ unmap: false, provisioningType: 0 });
    expect(provisioning(disk({ backend: new SparseBackend(2 ** 20) }))).toEqual({
      unmap: true,
      writeSame16: true,
      writeSame10: true,
      readZeros: false,
      provisioningType: SCSI.SCSI_PROVISIONING_THIN,
    });
  });
});

test('a drive has no pages of block devices (MMC-6)', () => {
  expect([...vpd(new ScsiCdRom(), 0x00).data]).toEqual([0x00, 0x80, 0x83]);
});
