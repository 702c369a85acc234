import type { EfiEvent, EfiTpl } from '@dxelab/uefi';

/** What the handle database needs of the event services: its lock, and events to signal. */
export interface HandEvents {
  raiseTpl(newTpl: EfiTpl): EfiTpl;
  /** Notifications above the restored TPL run before this returns. */
  restoreTpl(oldTpl: EfiTpl): void;
  signalEvent(event: EfiEvent): void;
  /** Whether an event is one of these services, and not closed. */
  isEvent(event: EfiEvent): boolean;
  /** CloseEvent calls the listener: a registered notification dies with its event. */
  onClose(listener: (event: EfiEvent) => void): void;
}
