import type { EfiSimpleTextOutput } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';

/** A text mode, in characters. */
export interface TextMode {
  readonly columns: number;
  readonly rows: number;
}

/** A mode without characters: its number is taken, and no device can have it (UEFI §12.4.4). */
const NO_MODE: TextMode = { columns: 0, rows: 0 };
/** What every console has as mode 0, and what one without devices pretends to. */
export const STANDARD_MODE: TextMode = { columns: 80, rows: 25 };
/** Mode 1 is of this size, or it is none. */
const TALL_MODE: TextMode = { columns: 80, rows: 50 };

/**
 * The modes that all of these devices have, by their numbers at the console: 0 and 1 are fixed, what follows is in
 * the order of the first device (ConSplitter.c: ConSplitterSyncOutputMode, ConSplitterGetIntersection).
 */
export function commonModes(devices: readonly EfiSimpleTextOutput[]): readonly TextMode[] {
  const [first, ...others] = devices.map(modesOf);
  if (first === undefined) return [STANDARD_MODE];
  const common = first.filter((mode) => isMode(mode) && others.every((modes) => has(modes, mode)));
  const further = common.filter((mode) => !isSame(mode, STANDARD_MODE) && !isSame(mode, TALL_MODE));
  const isTall = has(common, TALL_MODE);
  if (!isTall && further.length === 0) return [STANDARD_MODE];
  return [STANDARD_MODE, isTall ? TALL_MODE : NO_MODE, ...further];
}

export function isMode({ columns }: TextMode): boolean {
  return columns > 0;
}

/** The number that a device has for a mode; `undefined` if it has none. */
export function modeNumberOf(device: EfiSimpleTextOutput, mode: TextMode): number | undefined {
  const index = modesOf(device).findIndex((one) => isSame(one, mode));
  return index < 0 ? undefined : index;
}

/** By their numbers; a number without a mode has none of a size. */
function modesOf(device: EfiSimpleTextOutput): readonly TextMode[] {
  return Array.from({ length: device.mode.maxMode }, (_, number) => {
    try {
      return device.queryMode(number);
    } catch (caught) {
      if (isEfiFailure(caught)) return NO_MODE;
      throw caught;
    }
  });
}

function has(modes: readonly TextMode[], mode: TextMode): boolean {
  return modes.some((one) => isSame(one, mode));
}

function isSame(left: TextMode, right: TextMode): boolean {
  return left.columns === right.columns && left.rows === right.rows;
}
