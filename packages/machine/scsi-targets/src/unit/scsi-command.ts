import type { Outcome } from './outcome.ts';
import type { ScsiUnit } from './scsi-unit.ts';

/** A command that a unit knows: what must hold before it is done, and how it is done. */
export interface ScsiCommand<Unit extends ScsiUnit> {
  /** SCSI_*, the first byte of its CDB. */
  readonly opcode: number;
  /** In bytes; the last one is the CONTROL byte. */
  readonly cdbSize: 6 | 10 | 12 | 16;
  /** It is done while a unit attention is pending, and leaves it pending (SAM-6). */
  readonly precedesAttention?: boolean;
  /** It needs a medium that is ready. */
  readonly needsMedium?: boolean;
  /** A method, so that a table of a disk's commands is also one of a unit's: each unit has its own. */
  run(unit: Unit): Outcome;
}

/** By operation code; each command has every field, so that V8 sees one shape. */
export type CommandTable = readonly (Required<ScsiCommand<ScsiUnit>> | undefined)[];

/** The table of the commands that a unit of this kind knows; a later one replaces an earlier one. */
export function commandTable<Unit extends ScsiUnit>(
  ...commands: readonly ScsiCommand<Unit>[]
): CommandTable {
  const table = Array.from<Required<ScsiCommand<ScsiUnit>> | undefined>({ length: 256 });
  for (const command of commands) {
    table[command.opcode] = { precedesAttention: false, needsMedium: false, ...command };
  }
  return table;
}
