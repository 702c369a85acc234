import { SCSI_READ_10, SCSI_READ_16, SCSI_WRITE_10, SCSI_WRITE_16 } from '@dxelab/scsi';
import type { ScsiCommand } from './scsi-command.ts';

// The way of every block that is read: CDBs are filled in place, with numbers and byte by byte, since
// a DataView of each would be one object more to reach through.

/** Force unit access: answered when the data are on the medium (SBC-4 §5.41). */
export const SCSI_FUA = 0x08;

const TWO_32 = 0x1_0000_0000;

/** READ (10) (SBC-4 §5.16). @param lba below 2^32 @param blocks up to 65535 */
export function setScsiRead10(command: ScsiCommand, lba: number, blocks: number): void {
  setCdb10(command.cdb, SCSI_READ_10, 0, lba, blocks);
}

/** WRITE (10) (SBC-4 §5.41). @param flags SCSI_FUA or 0 */
export function setScsiWrite10(
  command: ScsiCommand,
  lba: number,
  blocks: number,
  flags: number,
): void {
  setCdb10(command.cdb, SCSI_WRITE_10, flags, lba, blocks);
}

/** READ (16) (SBC-4 §5.18). @param lba below 2^53 @param blocks below 2^32 */
export function setScsiRead16(command: ScsiCommand, lba: number, blocks: number): void {
  setCdb16(command.cdb, SCSI_READ_16, 0, lba, blocks);
}

/** WRITE (16) (SBC-4 §5.43). @param flags SCSI_FUA or 0 */
export function setScsiWrite16(
  command: ScsiCommand,
  lba: number,
  blocks: number,
  flags: number,
): void {
  setCdb16(command.cdb, SCSI_WRITE_16, flags, lba, blocks);
}

function setCdb10(cdb: Uint8Array, code: number, flags: number, lba: number, blocks: number): void {
  cdb[0] = code;
  cdb[1] = flags;
  setUint32(cdb, 2, lba);
  cdb[6] = 0;
  cdb[7] = blocks >>> 8;
  cdb[8] = blocks;
  cdb[9] = 0;
}

function setCdb16(cdb: Uint8Array, code: number, flags: number, lba: number, blocks: number): void {
  cdb[0] = code;
  cdb[1] = flags;
  setUint32(cdb, 2, Math.floor(lba / TWO_32));
  setUint32(cdb, 6, lba);
  setUint32(cdb, 10, blocks);
  cdb[14] = 0;
  cdb[15] = 0;
}

/** Big-endian; of a larger value the lower 32 bits. */
function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
