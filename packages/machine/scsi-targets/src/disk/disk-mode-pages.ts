import {
  SCSI_MODE_PAGE_CACHING,
  SCSI_MODE_PAGE_CONTROL,
  SCSI_MODE_PAGE_INFORMATIONAL_EXCEPTIONS,
  SCSI_MODE_PAGE_READ_WRITE_ERROR_RECOVERY,
} from '@dxelab/scsi';
import type { ModePageDefinition } from '../unit/mode-pages.ts';
import { modePage } from '../unit/mode-pages.ts';

// Positions are counted behind a page's header of 2 bytes.

/** Read-write error recovery (SBC-4): AWRE, as bad blocks would be replaced when written. */
const ERROR_RECOVERY = modePage(SCSI_MODE_PAGE_READ_WRITE_ERROR_RECOVERY, 10, { 0: 0x80 });

/** Control (SPC-6): D_SENSE and SWP can be changed; commands may be reordered, without a busy timeout. */
export const CONTROL_PAGE: ModePageDefinition = modePage(
  SCSI_MODE_PAGE_CONTROL,
  10,
  { 1: 0x10, 6: 0xff, 7: 0xff },
  { 0: 0x04, 2: 0x08 },
);

/** Informational exceptions (SPC-6): there are none to report (DEXCPT). */
export const INFORMATIONAL_EXCEPTIONS_PAGE: ModePageDefinition = modePage(
  SCSI_MODE_PAGE_INFORMATIONAL_EXCEPTIONS,
  10,
  { 0: 0x08 },
);

/** The mode pages of a disk. */
export function diskModePages(writeCache: boolean): readonly ModePageDefinition[] {
  const caching = modePage(SCSI_MODE_PAGE_CACHING, 18, { 0: writeCache ? 0x04 : 0 }, { 0: 0x04 });
  return [ERROR_RECOVERY, caching, CONTROL_PAGE, INFORMATIONAL_EXCEPTIONS_PAGE];
}
