import {
  SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL,
  SCSI_READ_10,
  SCSI_READ_12,
  SCSI_READ_16,
  SCSI_READ_6,
  SCSI_READ_CAPACITY_10,
  SCSI_SERVICE_ACTION_IN_16,
  SCSI_START_STOP_UNIT,
  SCSI_SYNCHRONIZE_CACHE_10,
  SCSI_SYNCHRONIZE_CACHE_16,
  SCSI_UNMAP,
  SCSI_VERIFY_10,
  SCSI_VERIFY_12,
  SCSI_VERIFY_16,
  SCSI_WRITE_10,
  SCSI_WRITE_12,
  SCSI_WRITE_16,
  SCSI_WRITE_6,
  SCSI_WRITE_SAME_10,
  SCSI_WRITE_SAME_16,
} from '@dxelab/scsi';
import { preventAllowMediumRemoval } from '../commands/prevent-allow-medium-removal.ts';
import { PRIMARY_COMMANDS } from '../commands/primary-commands.ts';
import { readCapacity10, serviceActionIn16 } from '../commands/read-capacity.ts';
import {
  read10,
  read12,
  read16,
  read6,
  write10,
  write12,
  write16,
  write6,
} from '../commands/read-write.ts';
import { startStopUnit } from '../commands/start-stop-unit.ts';
import { synchronizeCache10, synchronizeCache16 } from '../commands/synchronize-cache.ts';
import { unmap } from '../commands/unmap.ts';
import { verify10, verify12, verify16 } from '../commands/verify.ts';
import { writeSame10, writeSame16 } from '../commands/write-same.ts';
import type { BlockUnit } from '../unit/block-unit.ts';
import type { CommandTable, ScsiCommand } from '../unit/scsi-command.ts';
import { commandTable } from '../unit/scsi-command.ts';

/** What a disk knows beside what every unit does (SBC-4). */
const BLOCK_COMMANDS: readonly ScsiCommand<BlockUnit>[] = [
  { opcode: SCSI_READ_6, cdbSize: 6, needsMedium: true, run: read6 },
  { opcode: SCSI_WRITE_6, cdbSize: 6, needsMedium: true, run: write6 },
  { opcode: SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, cdbSize: 6, run: preventAllowMediumRemoval },
  { opcode: SCSI_START_STOP_UNIT, cdbSize: 6, run: startStopUnit },
  { opcode: SCSI_READ_CAPACITY_10, cdbSize: 10, needsMedium: true, run: readCapacity10 },
  { opcode: SCSI_READ_10, cdbSize: 10, needsMedium: true, run: read10 },
  { opcode: SCSI_WRITE_10, cdbSize: 10, needsMedium: true, run: write10 },
  { opcode: SCSI_VERIFY_10, cdbSize: 10, needsMedium: true, run: verify10 },
  { opcode: SCSI_SYNCHRONIZE_CACHE_10, cdbSize: 10, needsMedium: true, run: synchronizeCache10 },
  { opcode: SCSI_WRITE_SAME_10, cdbSize: 10, needsMedium: true, run: writeSame10 },
  { opcode: SCSI_READ_16, cdbSize: 16, needsMedium: true, run: read16 },
  { opcode: SCSI_WRITE_16, cdbSize: 16, needsMedium: true, run: write16 },
  { opcode: SCSI_VERIFY_16, cdbSize: 16, needsMedium: true, run: verify16 },
  { opcode: SCSI_SYNCHRONIZE_CACHE_16, cdbSize: 16, needsMedium: true, run: synchronizeCache16 },
  { opcode: SCSI_WRITE_SAME_16, cdbSize: 16, needsMedium: true, run: writeSame16 },
  { opcode: SCSI_SERVICE_ACTION_IN_16, cdbSize: 16, needsMedium: true, run: serviceActionIn16 },
  { opcode: SCSI_READ_12, cdbSize: 12, needsMedium: true, run: read12 },
  { opcode: SCSI_WRITE_12, cdbSize: 12, needsMedium: true, run: write12 },
  { opcode: SCSI_VERIFY_12, cdbSize: 12, needsMedium: true, run: verify12 },
];

const UNMAP: ScsiCommand<BlockUnit> = {
  opcode: SCSI_UNMAP,
  cdbSize: 10,
  needsMedium: true,
  run: unmap,
};

/** The commands of a disk: UNMAP only if it can. */
export function diskCommands(canUnmap: boolean): CommandTable {
  return commandTable<BlockUnit>(
    ...PRIMARY_COMMANDS,
    ...BLOCK_COMMANDS,
    ...(canUnmap ? [UNMAP] : []),
  );
}
