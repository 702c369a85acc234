import type { HostBuffer } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import {
  scsiInquiryCommand,
  scsiModeSense10Command,
  scsiModeSense6Command,
  scsiReadCapacity10Command,
  scsiReadCapacity16Command,
  scsiReportLunsCommand,
  scsiRequestSenseCommand,
  scsiStartUnitCommand,
  scsiSynchronizeCache10Command,
  scsiTestUnitReadyCommand,
} from './commands.ts';
import type { ScsiCommand } from './scsi-command.ts';

const data = (length: number): Uint8Array => new Uint8Array(length);

describe('commands as request packets', () => {
  test.each<[name: string, command: ScsiCommand, cdb: readonly number[], length: number]>([
    ['TEST UNIT READY', scsiTestUnitReadyCommand(7, 18), [0, 0, 0, 0, 0, 0], 0],
    ['INQUIRY', scsiInquiryCommand(7, 18, data(96)), [0x12, 0, 0, 0, 96, 0], 96],
    ['INQUIRY of a page', scsiInquiryCommand(7, 18, data(64), 0xb0), [0x12, 1, 0xb0, 0, 64, 0], 64],
    [
      'INQUIRY of more than a byte can say',
      scsiInquiryCommand(7, 18, data(260), 0),
      [0x12, 1, 0, 0, 255, 0],
      260,
    ],
    ['REQUEST SENSE', scsiRequestSenseCommand(7, data(18)), [3, 0, 0, 0, 18, 0], 18],
    [
      'REPORT LUNS',
      scsiReportLunsCommand(7, 18, data(0x108)),
      [0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0],
      0x108,
    ],
    ['MODE SENSE (6)', scsiModeSense6Command(7, 18, data(64), 0x3f), [0x1a, 8, 0x3f, 0, 64, 0], 64],
    [
      'MODE SENSE (10)',
      scsiModeSense10Command(7, 18, data(0x11c), 8),
      [0x5a, 8, 8, 0, 0, 0, 0, 1, 0x1c, 0],
      0x11c,
    ],
    [
      'READ CAPACITY (10)',
      scsiReadCapacity10Command(7, 18, data(8)),
      [0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      8,
    ],
    [
      'READ CAPACITY (16)',
      scsiReadCapacity16Command(7, 18, data(32)),
      [0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0],
      32,
    ],
    ['START STOP UNIT', scsiStartUnitCommand(7, 18), [0x1b, 0, 0, 0, 1, 0], 0],
    [
      'SYNCHRONIZE CACHE (10)',
      scsiSynchronizeCache10Command(7, 18),
      [0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      0,
    ],
  ])('%s', (name, command, cdb, length) => {
    expect([...command.cdb]).toEqual(cdb);
    expect(command).toMatchObject({
      timeout: 7,
      inTransferLength: length,
      outTransferLength: 0,
      outDataBuffer: undefined,
      dataDirection: 0,
      senseDataLength: name === 'REQUEST SENSE' ? 0 : 18,
    });
    expect(lengthOf(command.inDataBuffer)).toBe(length);
  });
});

function lengthOf(buffer: HostBuffer | undefined): number {
  return buffer === undefined ? 0 : buffer.length;
}
