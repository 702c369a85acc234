import {
  SCSI_INQUIRY,
  SCSI_QUALIFIER_NOT_SUPPORTED,
  SCSI_REQUEST_SENSE,
  SCSI_TYPE_UNKNOWN,
  SCSI_VERSION_SPC_3,
  descriptorScsiSense,
  fixedScsiSense,
  inquiryData,
} from '@dxelab/scsi';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB, LOGICAL_UNIT_NOT_SUPPORTED } from '../unit/outcome.ts';
import type { RunningCommand } from '../unit/running-command.ts';

/** What is answered in the name of a unit that is not there (SPC-6, SAM-6). */
export function absentUnit(command: RunningCommand): Outcome {
  switch (command.byte(0)) {
    case SCSI_INQUIRY: {
      // There is no VPD page of nothing.
      if ((command.byte(1) & 3) !== 0 || command.byte(2) !== 0) return INVALID_FIELD_IN_CDB;
      const data = inquiryData({
        peripheralQualifier: SCSI_QUALIFIER_NOT_SUPPORTED,
        deviceType: SCSI_TYPE_UNKNOWN,
        removable: false,
        version: SCSI_VERSION_SPC_3,
        responseDataFormat: 2,
        hierarchicalLuns: true,
        commandQueuing: true,
        vendor: '',
        product: '',
        revision: '',
      });
      return command.answer(data, command.uint16(3));
    }
    case SCSI_REQUEST_SENSE: {
      const sense = (command.byte(1) & 1) === 0 ? fixedScsiSense : descriptorScsiSense;
      const data = sense(LOGICAL_UNIT_NOT_SUPPORTED >> 16, LOGICAL_UNIT_NOT_SUPPORTED & 0xffff);
      return command.answer(data, command.byte(4));
    }
    default:
      return LOGICAL_UNIT_NOT_SUPPORTED;
  }
}
