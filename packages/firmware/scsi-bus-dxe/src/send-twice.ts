import {
  SCSI_SENSE_UNIT_ATTENTION,
  SCSI_STATUS_BUSY,
  SCSI_STATUS_CHECK_CONDITION,
  SCSI_STATUS_GOOD,
  SCSI_STATUS_TASK_SET_FULL,
} from '@dxelab/scsi';
import type { EfiErrorStatus, EfiExtScsiPassThru, ScsiAddress } from '@dxelab/uefi';
import { EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK, efiStatusOf } from '@dxelab/uefi';
import type { ScsiCommand } from '@dxelab/uefi-scsi-lib';
import { SCSI_SECOND } from '@dxelab/uefi-scsi-lib';

/** How long a device may take to say that it is there. */
export const SCSI_BUS_TIMEOUT: number = 3 * SCSI_SECOND;

/** In bytes: sense data of the fixed format. */
export const SENSE_LENGTH = 18;

const TRIES = 2;

/** What a scan makes of a command: done, done with something to say, or nobody there who could do it. */
export type ScanAnswer = 'good' | 'refused' | 'absent';

/**
 * Sends a command, and once more to a device that was busy or did not answer: nobody there is what a
 * scan expects, and no error.
 * @param final what is not tried again: an answer, though it was "busy", or that there came none
 */
export function sendTwice(
  channel: EfiExtScsiPassThru,
  address: ScsiAddress,
  command: ScsiCommand,
  final: 'answer' | 'timeout' | 'neither',
): ScanAnswer {
  let answer: ScanAnswer = 'absent';
  for (let tries = 0; tries < TRIES; tries++) {
    const status = passThru(channel, address, command);
    if (status === 'EFI_SUCCESS') {
      if (isGood(command)) return 'good';
      answer = 'refused';
      if (final === 'answer' || !isPassing(command)) return answer;
    } else if (isHopeless(status) || (final === 'timeout' && status === 'EFI_TIMEOUT')) {
      return 'absent';
    }
  }
  return answer;
}

function passThru(
  channel: EfiExtScsiPassThru,
  address: ScsiAddress,
  command: ScsiCommand,
): EfiErrorStatus | 'EFI_SUCCESS' {
  try {
    channel.passThru(address, command.again());
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}

function isGood({ hostAdapterStatus, targetStatus }: ScsiCommand): boolean {
  return (
    hostAdapterStatus === EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK && targetStatus === SCSI_STATUS_GOOD
  );
}

/** Busy, or with something to report first, which no standard allows here. */
function isPassing(command: ScsiCommand): boolean {
  const { targetStatus } = command;
  if (targetStatus === SCSI_STATUS_BUSY || targetStatus === SCSI_STATUS_TASK_SET_FULL) return true;
  return (
    targetStatus === SCSI_STATUS_CHECK_CONDITION &&
    command.sense()?.key === SCSI_SENSE_UNIT_ATTENTION
  );
}

/** What a second try would not change. */
function isHopeless(status: EfiErrorStatus): boolean {
  return (
    status === 'EFI_BAD_BUFFER_SIZE' ||
    status === 'EFI_INVALID_PARAMETER' ||
    status === 'EFI_UNSUPPORTED'
  );
}
