import type { EfiBootServices } from '@dxelab/uefi';
import { EVT_TIMER, EfiError } from '@dxelab/uefi';
import type { ScsiCommand } from '@dxelab/uefi-scsi-lib';
import { SCSI_SECOND, scsiTestUnitReadyCommand } from '@dxelab/uefi-scsi-lib';
import type { ScsiUnit } from './scsi-unit.ts';
import { SCSI_DISK_TIMEOUT, SENSE_LENGTH } from './scsi-unit.ts';
import type { SenseAction } from './sense-action.ts';
import { edk2SenseAction } from './sense-action.ts';

/** How long a drive may take to become ready. */
const LONGEST_WAIT = 120 * SCSI_SECOND;

/** How often a unit that does not answer is asked at least. */
const TRIES = 3;

/** The services that waiting needs. */
export type ReadyServices = Pick<
  EfiBootServices,
  'createEvent' | 'setTimer' | 'checkEvent' | 'closeEvent'
>;

/**
 * Asks a unit whether its medium is ready, and waits for one that is becoming so.
 * @returns `none`: it is ready; or `no-media`, `changed`, and what only EDK II goes on with
 * @throws EFI_DEVICE_ERROR
 */
export function waitUntilReady(unit: ScsiUnit, bs: ReadyServices): SenseAction {
  const command = scsiTestUnitReadyCommand(SCSI_DISK_TIMEOUT, SENSE_LENGTH);
  const mostTries = Math.max(unit.tries, TRIES);
  const limit = bs.createEvent(EVT_TIMER);
  try {
    bs.setTimer(limit, 'TimerRelative', LONGEST_WAIT);
    for (let tries = 0; !bs.checkEvent(limit);) {
      const action = testUnitReady(unit, command);
      if (action === 'later') unit.pause();
      else if (action === 'again') tries += unit.effort;
      else return action;
      if (tries >= mostTries) throw unit.error('the unit cannot be asked for its state', command);
    }
  } finally {
    bs.closeEvent(limit);
  }
  if (unit.quirks.pollsWithoutPause) return 'later';
  throw new EfiError('EFI_DEVICE_ERROR', 'the unit did not become ready within two minutes');
}

function testUnitReady(unit: ScsiUnit, command: ScsiCommand): SenseAction {
  const outcome = unit.send(command.again());
  if (outcome === 'again' || outcome === 'shorter') return 'again';
  const action = outcome === 'failed' ? 'failed' : senseOfTest(unit, command, outcome === 'done');
  if (action !== 'failed' && action !== 'medium-error') return action;
  throw unit.error('the unit is not ready', command);
}

/** EDK II asks for sense data when there are none, though the unit had nothing to say. */
function senseOfTest(unit: ScsiUnit, command: ScsiCommand, isDone: boolean): SenseAction {
  if (unit.quirks.requestSenseAfterGood && command.senseDataLength === 0) {
    return edk2SenseAction(unit.requestSense());
  }
  return isDone ? 'none' : unit.action(command);
}
