import type { EfiBootServices, EfiEvent, EfiSimpleTextInput, EfiSystemTable } from '@dxelab/uefi';
import { EVT_TIMER, isEfiFailure } from '@dxelab/uefi';

/** In units of 100 ns. */
const SECOND = 10_000_000;
/** In seconds: a key may be on its way for so long, as ESC at a terminal, which may begin another key. */
export const PATIENCE = 3;

/** Waits for an event, a second at most. @returns whether it came */
export function waitSecond(bs: EfiBootServices, event: EfiEvent): boolean {
  const second = bs.createEvent(EVT_TIMER);
  bs.setTimer(second, 'TimerRelative', SECOND);
  const first = bs.waitForEvent([event, second]);
  bs.closeEvent(second);
  return first === 0;
}

/**
 * Waits until ConIn has a key, as long as somebody may still type.
 * @returns whether there is one: not if nobody types, and without a console
 */
export function waitForKey(
  { bootServices: bs, conIn }: EfiSystemTable,
  mayBeTyped: () => boolean,
): boolean {
  if (conIn === undefined) return false;
  for (let unheard = 0; unheard < PATIENCE;) {
    if (waitSecond(bs, conIn.waitForKey)) return true;
    unheard = mayBeTyped() ? 0 : unheard + 1;
  }
  return false;
}

/** Forgets the keys that wait. */
export function readKeys(conIn: EfiSimpleTextInput | undefined): void {
  try {
    while (conIn?.readKeyStroke() !== undefined);
  } catch (caught) {
    // a console that is out of order has no keys
    if (!isEfiFailure(caught)) throw caught;
  }
}
