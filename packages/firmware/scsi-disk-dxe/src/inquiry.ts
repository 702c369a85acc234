import {
  SCSI_TYPE_DISK,
  SCSI_VPD_BLOCK_LIMITS,
  SCSI_VPD_SUPPORTED_PAGES,
  readBlockLimits,
  readInquiry,
  readVpdPage,
} from '@dxelab/scsi';
import { EfiError } from '@dxelab/uefi';
import { scsiInquiryCommand } from '@dxelab/uefi-scsi-lib';
import type { ScsiUnit } from './scsi-unit.ts';
import { SCSI_DISK_TIMEOUT, SENSE_LENGTH } from './scsi-unit.ts';

/** What a unit says of itself, whatever its medium. */
export interface UnitInquiry {
  /** Standard INQUIRY data, filled up with zeros. */
  readonly data: Uint8Array;
  readonly removable: boolean;
  /** In blocks; 0: not said. */
  readonly maximumTransferLength: number;
  readonly optimalTransferLengthGranularity: number;
}

/** EFI_SCSI_INQUIRY_DATA. */
const INQUIRY_LENGTH = 96;
/** EFI_SCSI_SUPPORTED_VPD_PAGES_VPD_PAGE: a page code each. */
const SUPPORTED_PAGES_LENGTH = 4 + 256;
/** EFI_SCSI_BLOCK_LIMITS_VPD_PAGE. */
const BLOCK_LIMITS_LENGTH = 64;

/**
 * Asks a unit what it is, and a disk how much it takes at once (SPC-6 §6.7, SBC-4 §6.6.4).
 * @param deviceType SCSI_TYPE_*
 * @throws EFI_DEVICE_ERROR
 */
export function inquireUnit(unit: ScsiUnit, deviceType: number): UnitInquiry {
  const data = new Uint8Array(INQUIRY_LENGTH);
  const command = scsiInquiryCommand(SCSI_DISK_TIMEOUT, SENSE_LENGTH, data);
  if (unit.settle(command) !== 'none') throw unit.error('INQUIRY failed', command);
  const inquiry = readInquiry(data);
  if (inquiry === undefined) throw new EfiError('EFI_DEVICE_ERROR', 'INQUIRY data are cut');
  const limits = deviceType === SCSI_TYPE_DISK ? blockLimits(unit) : undefined;
  return {
    data,
    removable: inquiry.removable,
    maximumTransferLength: limits?.maximumTransferLength ?? 0,
    optimalTransferLengthGranularity: limits?.optimalTransferLengthGranularity ?? 0,
  };
}

function blockLimits(unit: ScsiUnit): ReturnType<typeof readBlockLimits> | undefined {
  const pages = vitalProductData(unit, SCSI_VPD_SUPPORTED_PAGES, SUPPORTED_PAGES_LENGTH);
  if (pages === undefined || !isListOfPages(pages)) return undefined;
  if (!pages.includes(SCSI_VPD_BLOCK_LIMITS)) return undefined;
  const page = vitalProductData(unit, SCSI_VPD_BLOCK_LIMITS, BLOCK_LIMITS_LENGTH);
  return page && readBlockLimits(page);
}

/** The list begins with itself and ascends (SPC-6 §7.7.16): broken devices answer with anything. */
function isListOfPages(pages: Uint8Array): boolean {
  return (
    pages[0] === SCSI_VPD_SUPPORTED_PAGES &&
    pages.every((page, index) => index === 0 || page > (pages[index - 1] ?? 0))
  );
}

/** @returns what a page has behind its header; undefined if the unit does not know it */
function vitalProductData(unit: ScsiUnit, code: number, length: number): Uint8Array | undefined {
  const data = new Uint8Array(length);
  const command = scsiInquiryCommand(SCSI_DISK_TIMEOUT, SENSE_LENGTH, data, code);
  if (unit.settle(command) !== 'none') return undefined;
  const page = readVpdPage(data.subarray(0, command.inTransferLength));
  return page?.pageCode === code ? page.data : undefined;
}
