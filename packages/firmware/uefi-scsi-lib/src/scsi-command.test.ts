import { fixedScsiSense } from '@dxelab/scsi';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  setScsiRead10,
  setScsiRead16,
  setScsiWrite10,
  setScsiWrite16,
  SCSI_FUA,
} from './block-commands.ts';
import { ScsiCommand } from './scsi-command.ts';

describe('a request packet', () => {
  test('is made ready for either direction, and forgets what was handed back', () => {
    const command = new ScsiCommand(new Uint8Array(10), 100, 18);
    const buffer = new Uint8Array(4096);
    command.reading(buffer, 512);
    expect(command).toMatchObject({ inTransferLength: 512, dataDirection: 0 });
    Object.assign(command, { inTransferLength: 3, targetStatus: 2, hostAdapterStatus: 9 });
    command.senseDataLength = 4;
    expect(command.again()).toMatchObject({
      inDataBuffer: buffer,
      inTransferLength: 512,
      targetStatus: 0,
      hostAdapterStatus: 0,
      senseDataLength: 18,
    });
    expect(command.writing(buffer, 1024)).toMatchObject({
      inDataBuffer: undefined,
      outDataBuffer: buffer,
      inTransferLength: 0,
      outTransferLength: 1024,
      dataDirection: 1,
    });
    expect(command.again()).toMatchObject({ outTransferLength: 1024, dataDirection: 1 });
    expect(command.withoutData()).toMatchObject({ outDataBuffer: undefined, outTransferLength: 0 });
  });

  test('knows the sense data that came', () => {
    const command = new ScsiCommand(new Uint8Array(6), 100, 108).withoutData();
    command.senseData?.set(fixedScsiSense(6, 0x2900));
    command.senseDataLength = 18;
    expect(command.sense()).toMatchObject({ key: 6, code: 0x2900 });
    command.senseDataLength = 0;
    expect(command.sense()).toBeUndefined();
    expect(new ScsiCommand(new Uint8Array(6), 0, 0).withoutData().sense()).toBeUndefined();
  });
});

describe('READ and WRITE', () => {
  test('10 bytes (SBC-4 §5.16, §5.41)', () => {
    const command = new ScsiCommand(new Uint8Array(10).fill(0xff), 0, 0);
    setScsiRead10(command, 0xfedc_ba98, 0x1234);
    expect([...command.cdb]).toEqual([0x28, 0, 0xfe, 0xdc, 0xba, 0x98, 0, 0x12, 0x34, 0]);
    setScsiWrite10(command, 1, 2, SCSI_FUA);
    expect([...command.cdb]).toEqual([0x2a, 8, 0, 0, 0, 1, 0, 0, 2, 0]);
  });

  test('property: 16 bytes hold every address below 2^53 and every count (SBC-4 §5.18, §5.43)', () => {
    const command = new ScsiCommand(new Uint8Array(16).fill(0xff), 0, 0);
    const view = new DataView(command.cdb.buffer);
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(0xffff_ffff), (lba, blocks) => {
        setScsiRead16(command, lba, blocks);
        expect([command.cdb[0], command.cdb[1]]).toEqual([0x88, 0]);
        expect(view.getBigUint64(2)).toBe(BigInt(lba));
        expect(view.getUint32(10)).toBe(blocks);
        expect(view.getUint16(14)).toBe(0);
        setScsiWrite16(command, lba, blocks, SCSI_FUA);
        expect([command.cdb[0], command.cdb[1]]).toEqual([0x8a, 8]);
        expect(view.getBigUint64(2)).toBe(BigInt(lba));
      }),
    );
  });
});
