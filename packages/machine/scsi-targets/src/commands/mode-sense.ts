import {
  SCSI_MODE_CHANGEABLE,
  SCSI_MODE_DEFAULT,
  SCSI_MODE_HEADER_10_SIZE,
  SCSI_MODE_HEADER_6_SIZE,
  SCSI_MODE_PAGE_ALL,
  SCSI_MODE_SAVED,
  SCSI_MODE_SUBPAGE_ALL,
  modeParameterData,
} from '@dxelab/scsi';
import type { ModePage } from '../unit/mode-pages.ts';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB, SAVING_NOT_SUPPORTED } from '../unit/outcome.ts';
import type { ScsiUnit } from '../unit/scsi-unit.ts';

/** Disable block descriptors; and long ones are accepted, which only the 10-byte form can ask for. */
const DBD = 0x08;
const LLBAA = 0x10;
const NO_DESCRIPTOR = new Uint8Array(0);

/** MODE SENSE (6) (SPC-6). */
export function modeSense6(unit: ScsiUnit): Outcome {
  return modeSense(unit, SCSI_MODE_HEADER_6_SIZE, unit.command.byte(4), false);
}

/** MODE SENSE (10) (SPC-6). */
export function modeSense10(unit: ScsiUnit): Outcome {
  const long = (unit.command.byte(1) & LLBAA) !== 0;
  return modeSense(unit, SCSI_MODE_HEADER_10_SIZE, unit.command.uint16(7), long);
}

function modeSense(
  unit: ScsiUnit,
  headerSize: number,
  allocationLength: number,
  long: boolean,
): Outcome {
  const { command } = unit;
  const control = command.byte(2) >> 6;
  const pageCode = command.byte(2) & 0x3f;
  const subpageCode = command.byte(3);
  const pages =
    pageCode === SCSI_MODE_PAGE_ALL
      ? unit.modePages.pages
      : unit.modePages.pages.filter((page) => page.pageCode === pageCode);
  // No page has subpages: 0 is the page itself, and all of them are the page itself.
  const known = subpageCode === 0 || subpageCode === SCSI_MODE_SUBPAGE_ALL;
  if (pages.length === 0 || !known) return INVALID_FIELD_IN_CDB;
  if (control === SCSI_MODE_SAVED) return SAVING_NOT_SUPPORTED;
  const descriptor = (command.byte(1) & DBD) === 0 ? unit.modeBlockDescriptor(long) : NO_DESCRIPTOR;
  const bytes = pages.flatMap((page) => [
    page.pageCode,
    page.current.length,
    ...values(page, control),
  ]);
  const data = modeParameterData(
    headerSize,
    unit.modeDeviceSpecific(),
    descriptor,
    Uint8Array.from(bytes),
  );
  return command.answer(data, allocationLength);
}

function values(page: ModePage, control: number): Uint8Array {
  if (control === SCSI_MODE_CHANGEABLE) return page.changeable;
  return control === SCSI_MODE_DEFAULT ? page.defaults : page.current;
}
