import type { ScsiInquiry } from '@dxelab/scsi';
import {
  SCSI_QUALIFIER_CONNECTED,
  SCSI_SENSE_ILLEGAL_REQUEST,
  SCSI_STATUS_CHECK_CONDITION,
  readInquiry,
} from '@dxelab/scsi';
import type { EfiExtScsiPassThru, ScsiAddress } from '@dxelab/uefi';
import { EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK } from '@dxelab/uefi';
import type { ScsiCommand } from '@dxelab/uefi-scsi-lib';
import { scsiInquiryCommand } from '@dxelab/uefi-scsi-lib';
import { SCSI_BUS_TIMEOUT, SENSE_LENGTH, sendTwice } from './send-twice.ts';

/** The standard data with all that may follow their version descriptors, as EDK II asks for them. */
const INQUIRY_LENGTH = 96;

/** Device types that no standard has given away (SPC-6 §6.7.2). */
const FIRST_RESERVED_TYPE = 0x14;
const LAST_RESERVED_TYPE = 0x1d;

/**
 * Asks a logical unit what it is, which is the only way to learn whether it is there.
 * @param statusIgnored whether ScsiBusDxe.InquiryStatusIgnored is in force
 * @returns undefined if it is not, or is nothing that could be used
 */
export function inquire(
  channel: EfiExtScsiPassThru,
  address: ScsiAddress,
  statusIgnored: boolean,
): ScsiInquiry | undefined {
  const data = new Uint8Array(INQUIRY_LENGTH);
  const command = scsiInquiryCommand(SCSI_BUS_TIMEOUT, SENSE_LENGTH, data);
  const answer = sendTwice(channel, address, command, statusIgnored ? 'answer' : 'neither');
  if (answer === 'absent' || isIllegalRequest(command)) return undefined;
  if (answer === 'refused' && !statusIgnored) return undefined;
  const inquiry = readInquiry(statusIgnored ? data : data.subarray(0, command.inTransferLength));
  return inquiry !== undefined && isUsable(inquiry) ? inquiry : undefined;
}

function isIllegalRequest(command: ScsiCommand): boolean {
  return (
    command.hostAdapterStatus === EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK &&
    command.targetStatus === SCSI_STATUS_CHECK_CONDITION &&
    command.sense()?.key === SCSI_SENSE_ILLEGAL_REQUEST
  );
}

function isUsable({ peripheralQualifier, deviceType }: ScsiInquiry): boolean {
  if (peripheralQualifier !== SCSI_QUALIFIER_CONNECTED) return false;
  return deviceType < FIRST_RESERVED_TYPE || deviceType > LAST_RESERVED_TYPE;
}
