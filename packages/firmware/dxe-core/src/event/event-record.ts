import type { EfiEvent, EfiTpl, Guid } from '@dxelab/uefi';

/** What stands behind an EFI_EVENT. MdeModulePkg/Core/Dxe/Event/Event.h (IEVENT). */
export class EventRecord implements EfiEvent {
  readonly number: number;
  readonly type: number;
  readonly notifyTpl: EfiTpl;
  readonly group: Guid | undefined;
  /** The image that created it; absent for the core's own. */
  readonly owner: string | undefined;
  /** Calls the notification function with this event and its context. */
  readonly notify: ((record: EventRecord) => void) | undefined;
  signalled = false;
  /** Whether its notification waits to be dispatched. */
  queued = false;
  /** Whether a timer is set. */
  timed = false;
  /** When the timer is due, in nanoseconds of the time base. */
  due = 0;
  /** Of a periodic timer, in nanoseconds; otherwise 0. */
  period = 0;

  constructor(
    number: number,
    type: number,
    notifyTpl: EfiTpl,
    notify: ((record: EventRecord) => void) | undefined,
    group: Guid | undefined,
    owner?: string,
  ) {
    this.number = number;
    this.type = type;
    this.notifyTpl = notifyTpl;
    this.notify = notify;
    this.group = group;
    this.owner = owner;
  }
}
