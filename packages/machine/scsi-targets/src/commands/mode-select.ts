import {
  SCSI_MODE_HEADER_10_SIZE,
  SCSI_MODE_HEADER_6_SIZE,
  getBigEndian,
  readBlockDescriptor,
} from '@dxelab/scsi';
import type { ModePage } from '../unit/mode-pages.ts';
import type { Outcome } from '../unit/outcome.ts';
import {
  DATA_OUT_MISSING,
  GOOD,
  INVALID_FIELD_IN_CDB,
  INVALID_FIELD_IN_PARAMETER_LIST,
  PARAMETER_LIST_LENGTH_ERROR,
} from '../unit/outcome.ts';
import type { ScsiUnit } from '../unit/scsi-unit.ts';

/** The pages have a format, as all have since SCSI-2; and they shall be saved. */
const PF = 0x10;
const SP = 0x01;
const LONGLBA = 0x01;
const SPF = 0x40;

/** What MODE SELECT writes into a page. */
interface Change {
  readonly page: ModePage;
  readonly values: Uint8Array;
}

/** MODE SELECT (6) (SPC-6). */
export function modeSelect6(unit: ScsiUnit): Outcome {
  return modeSelect(unit, SCSI_MODE_HEADER_6_SIZE, unit.command.byte(4));
}

/** MODE SELECT (10) (SPC-6). */
export function modeSelect10(unit: ScsiUnit): Outcome {
  return modeSelect(unit, SCSI_MODE_HEADER_10_SIZE, unit.command.uint16(7));
}

/** Nothing changes unless all of it is right. */
function modeSelect(unit: ScsiUnit, headerSize: number, length: number): Outcome {
  const { command } = unit;
  if ((command.byte(1) & (PF | SP)) !== PF) return INVALID_FIELD_IN_CDB;
  if (length === 0) return GOOD;
  const list = command.parameterList(length);
  if (list === undefined) return DATA_OUT_MISSING;
  if (length < headerSize) return PARAMETER_LIST_LENGTH_ERROR;
  const isShort = headerSize === SCSI_MODE_HEADER_6_SIZE;
  const descriptorSize = isShort ? (list[3] ?? 0) : getBigEndian(list, 6, 2);
  const begin = headerSize + descriptorSize;
  if (length < begin) return PARAMETER_LIST_LENGTH_ERROR;
  const long = !isShort && ((list[4] ?? 0) & LONGLBA) !== 0;
  if (!acceptsDescriptor(unit, list.subarray(headerSize, begin), long)) {
    return INVALID_FIELD_IN_PARAMETER_LIST;
  }
  const changes: Change[] = [];
  const outcome = readChanges(unit, list.subarray(begin), changes);
  if (outcome !== GOOD) return outcome;
  for (const { page, values } of changes) page.current.set(values);
  unit.modeChanged();
  return GOOD;
}

/** Blocks cannot be made longer, nor the medium shorter: a descriptor says what is so (SBC-4). */
function acceptsDescriptor(unit: ScsiUnit, bytes: Uint8Array, long: boolean): boolean {
  if (bytes.length === 0) return true;
  if (bytes.length !== (long ? 16 : 8)) return false;
  const asked = readBlockDescriptor(bytes);
  const current = readBlockDescriptor(unit.modeBlockDescriptor(long));
  if (asked === undefined || current === undefined) return false;
  // 0 blocks, and all ones, stand for as many as there are.
  const allOnes = long ? 2 ** 64 : 0xffff_ffff;
  const keepsBlocks = [0, current.blocks, allOnes].includes(asked.blocks);
  return keepsBlocks && asked.blockSize === current.blockSize;
}

function readChanges(unit: ScsiUnit, list: Uint8Array, changes: Change[]): Outcome {
  for (let at = 0; at < list.length;) {
    const [first = 0, size = 0] = list.subarray(at, at + 2);
    if (list.length < at + 2) return PARAMETER_LIST_LENGTH_ERROR;
    const page = unit.modePages.find(first & 0x3f);
    const hasSubpage = (first & SPF) !== 0;
    if (page === undefined || hasSubpage || size !== page.current.length) {
      return INVALID_FIELD_IN_PARAMETER_LIST;
    }
    const end = at + 2 + size;
    if (list.length < end) return PARAMETER_LIST_LENGTH_ERROR;
    const values = list.subarray(at + 2, end);
    if (!mayChange(page, values)) return INVALID_FIELD_IN_PARAMETER_LIST;
    changes.push({ page, values });
    at = end;
  }
  return GOOD;
}

function mayChange(page: ModePage, values: Uint8Array): boolean {
  return values.every((value, index) => {
    const changed = value ^ (page.current[index] ?? 0);
    return (changed & ~(page.changeable[index] ?? 0)) === 0;
  });
}
