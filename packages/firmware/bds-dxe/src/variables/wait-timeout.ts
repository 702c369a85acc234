import type { EfiBootServices } from '@dxelab/uefi';
import { EVT_TIMER, readLoadOptionOrder, writeLoadOptionOrder } from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { VariableAccess } from './global-variables.ts';
import { readGlobal, writeLastingGlobal } from './global-variables.ts';

/** In units of 100 ns. */
const SECOND = 10_000_000;
/** A Timeout that waits for a key: nobody can press one here, so there is nothing to wait for. */
const FOR_EVER = 0xffff;

/**
 * Waits as many seconds as the variable Timeout says, one by one (UEFI §3.1.2; BdsEntry.c: BdsWait). With
 * BdsDxe.TimeoutFromPlatform it says what OVMF was built with, whatever it said before: no time at all.
 */
export function waitTimeout(bs: EfiBootServices, rs: VariableAccess, quirks: Quirks): void {
  if (quirks.has('BdsDxe.TimeoutFromPlatform')) {
    writeLastingGlobal(rs, 'Timeout', writeLoadOptionOrder([0]));
    return;
  }
  const [seconds = 0] =
    readLoadOptionOrder(readGlobal(rs, 'Timeout') ?? new Uint8Array(0)).value ?? [];
  if (seconds === FOR_EVER) return;
  for (let left = seconds; left > 0; left -= 1) {
    const second = bs.createEvent(EVT_TIMER);
    bs.setTimer(second, 'TimerRelative', SECOND);
    bs.waitForEvent([second]);
    bs.closeEvent(second);
  }
}
