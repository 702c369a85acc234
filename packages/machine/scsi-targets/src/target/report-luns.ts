import { setBigEndian } from '@dxelab/scsi';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';
import type { RunningCommand } from '../unit/running-command.ts';

/** SELECT REPORT (SPC-6 §6.34.1): all but well-known units, only those, of which there is no other, or both. */
const WELL_KNOWN_ONLY = 1;
const ALL = 2;

const FLAT = 0x4000;

/** REPORT LUNS (SPC-6 §6.34). @param luns in ascending order */
export function reportLuns(command: RunningCommand, luns: readonly number[]): Outcome {
  const select = command.byte(2);
  if (select > ALL) return INVALID_FIELD_IN_CDB;
  const listed = select === WELL_KNOWN_ONLY ? [] : luns;
  const data = new Uint8Array(8 + listed.length * 8);
  setBigEndian(data, 0, 4, listed.length * 8);
  for (const [index, lun] of listed.entries()) {
    setBigEndian(data, 8 + index * 8, 2, lunAddress(lun));
  }
  return command.answer(data, command.uint32(6));
}

/** The first two bytes of a LUN: peripheral addressing up to 255, flat from there on (SAM-6 §4.7.7). */
function lunAddress(lun: number): number {
  return lun < 256 ? lun : FLAT | lun;
}
