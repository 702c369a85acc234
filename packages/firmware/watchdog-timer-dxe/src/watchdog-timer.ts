import type { EfiEvent, EfiSystemTable, EfiWatchdogTimerArch } from '@dxelab/uefi';
import { EfiError, EVT_NOTIFY_SIGNAL, EVT_TIMER, TPL_NOTIFY } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';

type Handler = (time: number) => void;

/** A one-shot timer that resets the system. MdeModulePkg/Universal/WatchdogTimerDxe/WatchdogTimer.c. */
export class WatchdogTimer implements EfiWatchdogTimerArch {
  readonly #systemTable: EfiSystemTable;
  readonly #debug: DebugLib;
  readonly #timer: EfiEvent;
  #handler: Handler | undefined;
  #period = 0;

  constructor(systemTable: EfiSystemTable, debug: DebugLib) {
    this.#systemTable = systemTable;
    this.#debug = debug;
    const expires = (): void => this.#expire();
    const { bootServices } = systemTable;
    this.#timer = bootServices.createEvent(
      EVT_TIMER | EVT_NOTIFY_SIGNAL,
      TPL_NOTIFY,
      expires,
      null,
    );
  }

  registerHandler(notify: Handler | undefined): void {
    if (notify === undefined && this.#handler === undefined) {
      throw new EfiError('EFI_INVALID_PARAMETER', 'RegisterHandler: there is none to take away');
    }
    if (notify !== undefined && this.#handler !== undefined) {
      throw new EfiError('EFI_ALREADY_STARTED', 'RegisterHandler: there is one already');
    }
    this.#handler = notify;
  }

  setTimerPeriod(timerPeriod: number): void {
    this.#period = timerPeriod;
    const { bootServices } = this.#systemTable;
    if (timerPeriod === 0) bootServices.setTimer(this.#timer, 'TimerCancel');
    else bootServices.setTimer(this.#timer, 'TimerRelative', timerPeriod);
  }

  getTimerPeriod(): number {
    return this.#period;
  }

  /** The handler may save what it can; then the system is reset. */
  #expire(): void {
    this.#handler?.(this.#period);
    this.#debug.debug(DEBUG_ERROR, `the watchdog has expired after ${this.#period / 1e7} s`);
    this.#systemTable.runtimeServices.resetSystem('EfiResetCold', 'EFI_TIMEOUT');
  }
}
