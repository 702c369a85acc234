import { setBigEndian } from '@dxelab/scsi';
import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

/** FORMAT of READ TOC (MMC-6). */
const FORMATTED = 0;
const SESSIONS = 1;
const RAW = 2;

const MSF = 0x02;
/** ADR and CONTROL: the position is in Q, and the track holds data. */
const DATA_TRACK = 0x14;
const LEAD_OUT = 0xaa;
/** Frames before block 0 (MMC-6): two seconds of 75. */
const PREGAP = 150;

/** READ TOC/PMA/ATIP (MMC-6): a disc of one session with one track of data. */
export function readToc(unit: BlockUnit): Outcome {
  const { command } = unit;
  const msf = (command.byte(1) & MSF) !== 0;
  const from = command.byte(6);
  const data = table(command.byte(2) & 0xf, unit.blocks, msf, from);
  return data === undefined ? INVALID_FIELD_IN_CDB : command.answer(data, command.uint16(7));
}

function table(format: number, blocks: number, msf: boolean, from: number): Uint8Array | undefined {
  switch (format) {
    case FORMATTED:
      return formatted(blocks, msf, from);
    case SESSIONS:
      // The first track of the last complete session.
      return withHeader([[0, DATA_TRACK, 1, 0, ...address(0, msf)]]);
    case RAW:
      // Sessions are counted from 1, and there is no second.
      return from > 1 ? undefined : raw(blocks);
    default:
      return undefined;
  }
}

/** Tracks from `from` on, and the lead-out (MMC-6). */
function formatted(blocks: number, msf: boolean, from: number): Uint8Array | undefined {
  if (from > 1 && from !== LEAD_OUT) return undefined;
  const leadOut = [0, DATA_TRACK, LEAD_OUT, 0, ...address(blocks, msf)];
  if (from === LEAD_OUT) return withHeader([leadOut]);
  return withHeader([[0, DATA_TRACK, 1, 0, ...address(0, msf)], leadOut]);
}

/** What is in the Q channel of the lead-in (MMC-6): first track, last track, lead-out, and track 1. */
function raw(blocks: number): Uint8Array {
  return withHeader([
    entry(0xa0, [1, 0, 0]),
    entry(0xa1, [1, 0, 0]),
    entry(0xa2, address(blocks, true).slice(1)),
    entry(1, address(0, true).slice(1)),
  ]);
}

/** Session 1; what the entry is about; and its minute, second and frame, or a track. */
function entry(point: number, where: readonly number[]): number[] {
  return [1, DATA_TRACK, 0, point, 0, 0, 0, 0, ...where];
}

/** Length, first and last track or session: all of them 1. */
function withHeader(entries: readonly (readonly number[])[]): Uint8Array {
  const bytes = entries.flat();
  const data = Uint8Array.from([0, 0, 1, 1, ...bytes]);
  setBigEndian(data, 0, 2, data.length - 2);
  return data;
}

/** A block's address: its number, or minute, second and frame. */
function address(lba: number, msf: boolean): number[] {
  const bytes = new Uint8Array(4);
  if (!msf) setBigEndian(bytes, 0, 4, lba);
  else {
    const frame = lba + PREGAP;
    // A disc that is larger than a CD has no such address: the largest one (MMC-6).
    const minute = Math.floor(frame / 4500);
    if (minute > 255) bytes.set([0, 255, 59, 74]);
    else bytes.set([0, minute, Math.floor(frame / 75) % 60, frame % 75]);
  }
  return [...bytes];
}
