import { readInquiry } from '@dxelab/scsi';
import type { EfiScsiIo } from '@dxelab/uefi';
import { SCSI_SECOND, scsiInquiryCommand } from './index.ts';

/** Who made a logical unit; `undefined` if it does not say. */
export function vendorOf(scsiIo: EfiScsiIo): string | undefined {
  const data = new Uint8Array(36);
  const command = scsiInquiryCommand(3 * SCSI_SECOND, 18, data);
  scsiIo.executeScsiCommand(command);
  if (command.targetStatus !== 0) return undefined;
  return readInquiry(data.subarray(0, command.inTransferLength))?.vendor;
}
