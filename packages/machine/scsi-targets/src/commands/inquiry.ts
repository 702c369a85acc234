import { SCSI_QUALIFIER_CONNECTED, SCSI_VERSION_SPC_3, inquiryData, vpdPage } from '@dxelab/scsi';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';
import type { ScsiUnit } from '../unit/scsi-unit.ts';

const EVPD = 0x01;
/** Asked for data of a command, which has moved to a command of its own (SPC-6). */
const CMDDT = 0x02;

/** INQUIRY (SPC-6): standard data or a VPD page. */
export function inquiry(unit: ScsiUnit): Outcome {
  const { command, identity } = unit;
  const flags = command.byte(1);
  const pageCode = command.byte(2);
  const allocationLength = command.uint16(3);
  if ((flags & CMDDT) !== 0) return INVALID_FIELD_IN_CDB;
  if ((flags & EVPD) !== 0) {
    const data = unit.vitalProductData(pageCode);
    if (data === undefined) return INVALID_FIELD_IN_CDB;
    const { deviceType } = identity;
    return command.answer(vpdPage({ deviceType, pageCode, data }), allocationLength);
  }
  if (pageCode !== 0) return INVALID_FIELD_IN_CDB;
  const data = inquiryData({
    peripheralQualifier: SCSI_QUALIFIER_CONNECTED,
    version: SCSI_VERSION_SPC_3,
    responseDataFormat: 2,
    hierarchicalLuns: true,
    commandQueuing: true,
    ...identity,
  });
  return command.answer(data, allocationLength);
}
