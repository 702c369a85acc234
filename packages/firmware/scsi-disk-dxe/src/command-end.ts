import { scsiSenseText } from '@dxelab/scsi';
import {
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_FREE,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_RESET,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_MESSAGE_REJECT,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PARITY_ERROR,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PHASE_ERROR,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_REQUEST_SENSE_FAILED,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_SELECTION_TIMEOUT,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND,
} from '@dxelab/uefi';
import type { ScsiCommand } from '@dxelab/uefi-scsi-lib';

/**
 * What the host adapter's status says of a command: worth another try, or lost with the bus.
 * @returns undefined if it says nothing, and the target's status counts
 */
export function adapterOutcome(hostAdapterStatus: number): 'again' | 'bus-lost' | undefined {
  switch (hostAdapterStatus) {
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_SELECTION_TIMEOUT:
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT:
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND:
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_MESSAGE_REJECT:
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PARITY_ERROR:
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_REQUEST_SENSE_FAILED:
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN:
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_RESET:
      return 'again';
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_FREE:
    case EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PHASE_ERROR:
      return 'bus-lost';
    default:
      return undefined;
  }
}

/** How a command ended, for a message. */
export function commandText(command: ScsiCommand): string {
  const { hostAdapterStatus, targetStatus } = command;
  const sense = command.sense();
  const said = sense === undefined ? 'no sense data' : scsiSenseText(sense);
  return `host adapter status 0x${hostAdapterStatus.toString(16)}, target status 0x${targetStatus.toString(16)}, ${said}`;
}
