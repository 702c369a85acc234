import {
  SCSI_MODE_PAGE_CD_CAPABILITIES,
  SCSI_MODE_PAGE_READ_WRITE_ERROR_RECOVERY,
} from '@dxelab/scsi';
import { CONTROL_PAGE, INFORMATIONAL_EXCEPTIONS_PAGE } from '../disk/disk-mode-pages.ts';
import type { ModePageDefinition } from '../unit/mode-pages.ts';
import { modePage } from '../unit/mode-pages.ts';

// Positions are counted behind a page's header of 2 bytes.

/** Kilobytes a second that a CD is read with, once: 176, and how many times as fast this drive is. */
const SPEED = 176 * 50;

/** Read error recovery (MMC-6): it is tried 32 times. */
const ERROR_RECOVERY = modePage(SCSI_MODE_PAGE_READ_WRITE_ERROR_RECOVERY, 10, { 1: 0x20 });

/** Where, behind the page's header, the capabilities say that the medium is locked in now. */
export const LOCK_STATE = { at: 4, mask: 0x02 } as const;

/** CD capabilities and mechanical status (MMC-3, which later ones leave to features). */
const CAPABILITIES = modePage(SCSI_MODE_PAGE_CD_CAPABILITIES, 20, {
  // Reads CD-R, CD-RW and DVD-ROM.
  0: 0x0b,
  // Mode 2 form 1 and 2, several sessions.
  2: 0x70,
  // A tray, that can eject and be locked.
  4: 0x29,
  6: SPEED >> 8,
  7: SPEED & 0xff,
  // Kilobytes of buffer.
  10: 2048 >> 8,
  12: SPEED >> 8,
  13: SPEED & 0xff,
});

/** The mode pages of a CD-ROM drive. */
export const CD_ROM_MODE_PAGES: readonly ModePageDefinition[] = [
  ERROR_RECOVERY,
  CONTROL_PAGE,
  INFORMATIONAL_EXCEPTIONS_PAGE,
  CAPABILITIES,
];
