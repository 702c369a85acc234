import type { EfiEvent, EfiEventNotify, EfiTimerDelay } from '../event.ts';
import type { Guid } from '../guid.ts';
import type { EfiTpl } from '../tpl.ts';

/** Event, timer and task priority services (UEFI §7.1). */
export interface EfiEventServices {
  /** Raises the TPL and returns the old one. Lowering it this way is a programming error (ASSERT). */
  raiseTpl(newTpl: EfiTpl): EfiTpl;
  /** Restores a TPL; notifications above it run before this returns. */
  restoreTpl(oldTpl: EfiTpl): void;

  /** @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES */
  createEvent(type: number): EfiEvent;
  createEvent<Context>(
    type: number,
    notifyTpl: EfiTpl,
    notify: EfiEventNotify<Context>,
    context: Context,
  ): EfiEvent;

  /** @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES */
  createEventEx<Context>(
    type: number,
    notifyTpl: EfiTpl,
    notify: EfiEventNotify<Context> | undefined,
    context: Context,
    eventGroup?: Guid,
  ): EfiEvent;

  /**
   * @param triggerTime in units of 100 ns
   * @throws EFI_INVALID_PARAMETER
   */
  setTimer(event: EfiEvent, type: EfiTimerDelay, triggerTime?: number): void;

  /**
   * Waits until one of the events is signalled, and returns its index.
   * @throws EFI_UNSUPPORTED above TPL_APPLICATION; EFI_INVALID_PARAMETER, its `out` the index
   */
  waitForEvent(events: readonly EfiEvent[]): number;

  /** @throws EFI_INVALID_PARAMETER */
  signalEvent(event: EfiEvent): void;

  /** @throws EFI_INVALID_PARAMETER */
  closeEvent(event: EfiEvent): void;

  /**
   * Whether the event was signalled (EFI_SUCCESS) or not (EFI_NOT_READY); a signal is consumed.
   * @throws EFI_INVALID_PARAMETER
   */
  checkEvent(event: EfiEvent): boolean;
}
