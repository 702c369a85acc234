import { setBigEndian } from '@dxelab/scsi';
import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

const SIZE = 34;
/** Its last session is complete, and nothing can be added. */
const FINALIZED = 0x0e;
/** URU: it may be used for whatever one likes. */
const UNRESTRICTED = 0x20;

/** READ DISC INFORMATION (MMC-6): the standard one, of a disc with one session and one track. */
export function readDiscInformation(unit: BlockUnit): Outcome {
  const { command } = unit;
  // Other types are about discs that can be written.
  if ((command.byte(1) & 7) !== 0) return INVALID_FIELD_IN_CDB;
  const data = new Uint8Array(SIZE);
  setBigEndian(data, 0, 2, SIZE - 2);
  data.set([FINALIZED, 1, 1, 1, 1, UNRESTRICTED], 2);
  return command.answer(data, command.uint16(7));
}
