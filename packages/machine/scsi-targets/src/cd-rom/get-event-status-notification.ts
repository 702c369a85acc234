import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

const POLLED = 0x01;
/** The class of events that there is: of the medium. */
const MEDIA = 4;
/** There are none of the classes that were asked for. */
const NO_EVENT_AVAILABLE = 0x80;

/** Events of the medium (MMC-6). */
const NO_CHANGE = 0;
const EJECT_REQUEST = 1;
const NEW_MEDIUM = 2;
const MEDIUM_REMOVAL = 3;

/** GET EVENT STATUS NOTIFICATION (MMC-6): polled, as nothing waits. */
export function getEventStatusNotification(unit: BlockUnit): Outcome {
  const { command } = unit;
  if ((command.byte(1) & POLLED) === 0) return INVALID_FIELD_IN_CDB;
  const asked = (command.byte(4) & (1 << MEDIA)) !== 0;
  const allocationLength = command.uint16(7);
  if (!asked) {
    return command.answer(Uint8Array.of(0, 2, NO_EVENT_AVAILABLE, 1 << MEDIA), allocationLength);
  }
  const status = (unit.trayOpen ? 1 : 0) | (unit.blocks > 0 ? 2 : 0);
  const event = takeEvent(unit, allocationLength);
  return command.answer(
    Uint8Array.of(0, 6, MEDIA, 1 << MEDIA, event, status, 0, 0),
    allocationLength,
  );
}

/** An event is told once, unless there is only room for the header. */
function takeEvent(unit: BlockUnit, allocationLength: number): number {
  const told = allocationLength > 4;
  if (unit.mediumEvent) {
    if (told) unit.mediumEvent = false;
    return unit.blocks > 0 ? NEW_MEDIUM : MEDIUM_REMOVAL;
  }
  if (!unit.ejectRequested) return NO_CHANGE;
  if (told) unit.ejectRequested = false;
  return EJECT_REQUEST;
}
