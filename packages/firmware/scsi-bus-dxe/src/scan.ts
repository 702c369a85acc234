import { readReportLuns } from '@dxelab/scsi';
import type { EfiExtScsiPassThru, ScsiAddress } from '@dxelab/uefi';
import { scsiReportLunsCommand } from '@dxelab/uefi-scsi-lib';
import { SCSI_BUS_TIMEOUT, SENSE_LENGTH, sendTwice } from './send-twice.ts';

/** Room for so many LUNs at first; whoever has more says so. */
const USUAL_LUNS = 32;
/** What flat addressing can number (SAM-6 §4.7.7.3). */
const MOST_LUNS = 16384;
const LUN_SIZE = 8;
const HEADER_SIZE = 8;

/** The logical units of a target from before REPORT LUNS: SCSI-2 had three bits for them. */
const LUNS_OF_SCSI_2: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7];

/**
 * Every pair of target and LUN that the channel could have, as ScsiBusDxe of EDK II asks them all
 * (ScsiBusDxe.ProbesEveryLun).
 */
export function* everyAddress(channel: EfiExtScsiPassThru): Generator<ScsiAddress> {
  let address = channel.getNextTargetLun(undefined);
  while (address !== undefined) {
    yield address;
    address = channel.getNextTargetLun(address);
  }
}

/**
 * What the targets say they have (SPC-6 §6.38): one command for each target in place of one for each
 * LUN, of which a channel can have millions.
 */
export function* reportedAddresses(channel: EfiExtScsiPassThru): Generator<ScsiAddress> {
  let target = channel.getNextTarget(undefined);
  while (target !== undefined) {
    for (const lun of reportedLuns(channel, target)) yield { target, lun };
    target = channel.getNextTarget(target);
  }
}

/** LUN 0 answers for its target, even if there is no such unit (SPC-6 §6.38). */
function reportedLuns(channel: EfiExtScsiPassThru, target: Uint8Array): readonly number[] {
  for (let room = USUAL_LUNS; ; room = MOST_LUNS) {
    const data = new Uint8Array(HEADER_SIZE + room * LUN_SIZE);
    const command = scsiReportLunsCommand(SCSI_BUS_TIMEOUT, SENSE_LENGTH, data);
    // Most targets are not there: to ask each of them twice would take twice as long.
    const answer = sendTwice(channel, { target, lun: 0 }, command, 'timeout');
    if (answer === 'absent') return [];
    if (answer === 'refused') return LUNS_OF_SCSI_2;
    const { listLength, luns } = readReportLuns(data.subarray(0, command.inTransferLength));
    if (listLength <= room * LUN_SIZE || room === MOST_LUNS) return luns;
  }
}
