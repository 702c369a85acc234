import {
  SCSI_GET_CONFIGURATION,
  SCSI_GET_EVENT_STATUS_NOTIFICATION,
  SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL,
  SCSI_READ_10,
  SCSI_READ_12,
  SCSI_READ_CAPACITY_10,
  SCSI_READ_DISC_INFORMATION,
  SCSI_READ_TOC,
  SCSI_START_STOP_UNIT,
  SCSI_VERIFY_10,
} from '@dxelab/scsi';
import { preventAllowMediumRemoval } from '../commands/prevent-allow-medium-removal.ts';
import { PRIMARY_COMMANDS } from '../commands/primary-commands.ts';
import { readCapacity10 } from '../commands/read-capacity.ts';
import { read10, read12 } from '../commands/read-write.ts';
import { startStopUnit } from '../commands/start-stop-unit.ts';
import { verify10 } from '../commands/verify.ts';
import type { BlockUnit } from '../unit/block-unit.ts';
import type { CommandTable } from '../unit/scsi-command.ts';
import { commandTable } from '../unit/scsi-command.ts';
import { getConfiguration } from './get-configuration.ts';
import { getEventStatusNotification } from './get-event-status-notification.ts';
import { readDiscInformation } from './read-disc-information.ts';
import { readToc } from './read-toc.ts';

/** What a drive that only reads knows (MMC-6): no 6-byte and no 16-byte reads, and no writes. */
export const CD_ROM_COMMANDS: CommandTable = commandTable<BlockUnit>(
  ...PRIMARY_COMMANDS,
  { opcode: SCSI_START_STOP_UNIT, cdbSize: 6, run: startStopUnit },
  { opcode: SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, cdbSize: 6, run: preventAllowMediumRemoval },
  { opcode: SCSI_READ_CAPACITY_10, cdbSize: 10, needsMedium: true, run: readCapacity10 },
  { opcode: SCSI_READ_10, cdbSize: 10, needsMedium: true, run: read10 },
  { opcode: SCSI_VERIFY_10, cdbSize: 10, needsMedium: true, run: verify10 },
  { opcode: SCSI_READ_TOC, cdbSize: 10, needsMedium: true, run: readToc },
  {
    opcode: SCSI_GET_CONFIGURATION,
    cdbSize: 10,
    precedesAttention: true,
    run: getConfiguration,
  },
  {
    opcode: SCSI_GET_EVENT_STATUS_NOTIFICATION,
    cdbSize: 10,
    precedesAttention: true,
    run: getEventStatusNotification,
  },
  { opcode: SCSI_READ_DISC_INFORMATION, cdbSize: 10, needsMedium: true, run: readDiscInformation },
  { opcode: SCSI_READ_12, cdbSize: 12, needsMedium: true, run: read12 },
);
