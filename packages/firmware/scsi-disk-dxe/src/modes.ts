import {
  SCSI_MODE_DPOFUA,
  SCSI_MODE_HEADER_10_SIZE,
  SCSI_MODE_HEADER_6_SIZE,
  SCSI_MODE_PAGE_ALL,
  SCSI_MODE_PAGE_CACHING,
  SCSI_MODE_WRITE_PROTECT,
  readModeParameters,
} from '@dxelab/scsi';
import { scsiModeSense10Command, scsiModeSense6Command } from '@dxelab/uefi-scsi-lib';
import type { ScsiUnit } from './scsi-unit.ts';
import { SCSI_DISK_TIMEOUT, SENSE_LENGTH } from './scsi-unit.ts';

/** What a disk says of writing to it. */
export interface DiskModes {
  readonly writeProtected: boolean;
  /** It may say that a write is done before it is. */
  readonly writeCaching: boolean;
}

/** The header and as many pages as fit; EDK II asks for no more either. */
const ALL_PAGES_LENGTH = 64;
/** The header of MODE SENSE (10) and the caching page. */
const CACHING_LENGTH = 28;
/** WCE, in the byte behind the page's header (SBC-4 §6.5.6). */
const WRITE_CACHE_ENABLED = 0x04;

const TRIES_OF_EDK2 = 3;

/**
 * Asks a disk whether it is write-protected, and whether it caches what is written (SBC-4 §6.5). One
 * that knows no caching page is asked for the others; one that knows none can be written to.
 * @returns what hinders: `no-media`, `changed`
 */
export function readModes(unit: ScsiUnit): DiskModes | 'no-media' | 'changed' {
  const data = new Uint8Array(CACHING_LENGTH);
  const page = SCSI_MODE_PAGE_CACHING;
  const command = scsiModeSense10Command(SCSI_DISK_TIMEOUT, SENSE_LENGTH, data, page);
  const action = unit.settle(command);
  if (action === 'no-media' || action === 'changed') return action;
  if (action !== 'none') return readWriteProtection(unit);
  const answer = data.subarray(0, command.inTransferLength);
  const modes = readModeParameters(answer, SCSI_MODE_HEADER_10_SIZE);
  const caching = modes?.pages.find(({ pageCode }) => pageCode === SCSI_MODE_PAGE_CACHING);
  return {
    writeProtected: ((modes?.deviceSpecific ?? 0) & SCSI_MODE_WRITE_PROTECT) !== 0,
    writeCaching: ((caching?.data[0] ?? 0) & WRITE_CACHE_ENABLED) !== 0,
  };
}

function readWriteProtection(unit: ScsiUnit): DiskModes | 'no-media' | 'changed' {
  const data = new Uint8Array(ALL_PAGES_LENGTH);
  const page = SCSI_MODE_PAGE_ALL;
  const command = scsiModeSense6Command(SCSI_DISK_TIMEOUT, SENSE_LENGTH, data, page);
  const action = unit.settle(command);
  if (action === 'no-media' || action === 'changed') return action;
  const answer = data.subarray(0, action === 'none' ? command.inTransferLength : 0);
  const modes = readModeParameters(answer, SCSI_MODE_HEADER_6_SIZE);
  const writeProtected = ((modes?.deviceSpecific ?? 0) & SCSI_MODE_WRITE_PROTECT) !== 0;
  return { writeProtected, writeCaching: false };
}

/** EDK II's question, once and of an answer that may be none (ScsiDisk.c: IsWriteProtected). */
export function isWriteProtectedAsEdk2(unit: ScsiUnit): boolean {
  const data = new Uint8Array(ALL_PAGES_LENGTH);
  const command = scsiModeSense6Command(SCSI_DISK_TIMEOUT, 0, data, SCSI_MODE_PAGE_ALL);
  return unit.carry(command) && ((data[2] ?? 0) & SCSI_MODE_WRITE_PROTECT) !== 0;
}

/**
 * Whether EDK II sets FUA in its writes: not on a disk that neither knows it nor caches (ScsiDisk.c:
 * ScsiDiskFuaMode).
 * @returns undefined if the disk does not say
 */
export function fuaModeAsEdk2(unit: ScsiUnit): boolean | undefined {
  for (let tries = 0; tries < TRIES_OF_EDK2; tries++) {
    const data = new Uint8Array(CACHING_LENGTH);
    const page = SCSI_MODE_PAGE_CACHING;
    const isCarried = unit.carry(scsiModeSense10Command(SCSI_DISK_TIMEOUT, 0, data, page));
    const [, , , deviceSpecific = 0, , , , , pageCode = 0, , caching = 0] = data;
    if (!isCarried || (pageCode & SCSI_MODE_PAGE_CACHING) === 0) continue;
    return (deviceSpecific & SCSI_MODE_DPOFUA) !== 0 || (caching & WRITE_CACHE_ENABLED) !== 0;
  }
  return undefined;
}
