import { SCSI_INQUIRY, SCSI_STATUS_CHECK_CONDITION, SCSI_TYPE_UNKNOWN } from '@dxelab/scsi';
import { fixedScsiSense, inquiryData } from '@dxelab/scsi';
import type { ScsiLogicalUnit, ScsiResult, ScsiTask } from './index.ts';

/** A unit that says who it is, and refuses the rest with INVALID COMMAND OPERATION CODE. */
export class Mute implements ScsiLogicalUnit {
  readonly name = 'mute';
  readonly deviceType: number = SCSI_TYPE_UNKNOWN;

  execute(task: ScsiTask, result: ScsiResult): void {
    const isInquiry = task.cdb[0] === SCSI_INQUIRY;
    const data = isInquiry ? this.#inquiry() : new Uint8Array(0);
    result.status = isInquiry ? 0 : SCSI_STATUS_CHECK_CONDITION;
    result.sense = isInquiry ? new Uint8Array(0) : fixedScsiSense(0x5, 0x2000);
    result.dataInWanted = data.length;
    result.dataInMoved = task.writeDataIn(0, data);
    result.dataOutWanted = 0;
    result.dataOutMoved = 0;
  }

  reset(): void {}

  #inquiry(): Uint8Array {
    return inquiryData({
      peripheralQualifier: 0,
      deviceType: this.deviceType,
      removable: false,
      version: 6,
      responseDataFormat: 2,
      hierarchicalLuns: false,
      commandQueuing: false,
      vendor: 'ACME',
      product: 'Mute',
      revision: '1',
    });
  }
}
