import type { Clock, Cpu, Platform } from '@dxelab/platform';
import type { EfiEvent, EfiEventNotify, EfiTimerDelay, EfiTpl, Guid } from '@dxelab/uefi';
import {
  EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT,
  EVT_TIMER,
  EfiError,
  TPL_APPLICATION,
} from '@dxelab/uefi';
import type { DebugLib, Quirks } from '@dxelab/uefi-lib';
import type { FirmwareFinding } from '../core/firmware-finding.ts';
import { EventGroups } from './event-groups.ts';
import { EventRecord } from './event-record.ts';
import { eventTypeAndGroup, hasNotify } from './event-types.ts';
import { TaskPriority } from './task-priority.ts';
import { InterruptBeats } from './interrupt-beats.ts';
import type { InterruptCounts, InterruptOptions } from './interrupt-nesting.ts';
import { InterruptNesting } from './interrupt-nesting.ts';
import type { TimeBase } from './time-base.ts';
import { ExactTime, TickTime, TIMER_TICK } from './time-base.ts';
import { Timers } from './timers.ts';

/** The level at which EDK II looks which timers are due: below nothing but TPL_HIGH_LEVEL. */
const TPL_CHECK_TIMERS = 30;

/** Event, timer and task priority services (UEFI §7.1). MdeModulePkg/Core/Dxe/Event. */
export class EventServices {
  private readonly cpu: Cpu;
  private readonly tpl: TaskPriority;
  private readonly timers: Timers;
  private readonly checkTimers: EventRecord;
  private readonly groups = new EventGroups();
  /** The events that are open: an event of another world, or a closed one, is not among them. */
  private readonly events = new Map<EfiEvent, EventRecord>();
  private readonly closeListeners: ((event: EfiEvent) => void)[] = [];
  private readonly groupsOfNotifyFunctions: boolean;
  private lastNumber = 0;
  /** How many signals there were, for who must not sleep over one. */
  private signals = 0;

  /** What timer interrupts there were. */
  readonly interrupts: InterruptCounts;

  /** @param onFinding hears of interrupts that nest deeper than they may */
  constructor(
    platform: Platform,
    debug: DebugLib,
    quirks: Quirks,
    interrupts: InterruptOptions = {},
    onFinding?: (finding: FirmwareFinding) => void,
  ) {
    const { clock, cpu } = platform;
    const nesting = new InterruptNesting(debug, interrupts.depth, onFinding);
    this.interrupts = nesting;
    this.cpu = cpu;
    this.groupsOfNotifyFunctions = quirks.has('DxeCore.GroupsOfNotifyFunctions');
    this.tpl = new TaskPriority(cpu, debug, nesting, interrupts.handler === 'restore-tpl');
    this.timers = new Timers(timeBase(clock, quirks, interrupts));
    this.checkTimers = new EventRecord(
      0,
      EVT_NOTIFY_SIGNAL,
      TPL_CHECK_TIMERS,
      () => this.timers.expire((record) => this.signal(record)),
      undefined,
    );
    const work = (): void => this.alarm();
    cpu.setInterruptHandler(() => this.tpl.interrupt(work));
    cpu.setInterruptState(true);
  }

  get currentTpl(): EfiTpl {
    return this.tpl.current;
  }

  /** The events that are open, in the order in which they were created. */
  open(): readonly EventRecord[] {
    return [...this.events.values()];
  }

  /** Raises the TPL and returns the old one (UEFI §7.1.8). To lower it this way fails an ASSERT. */
  raiseTpl(newTpl: EfiTpl): EfiTpl {
    return this.tpl.raise(newTpl);
  }

  /** Restores a TPL; notifications above it run before this returns (UEFI §7.1.9). */
  restoreTpl(oldTpl: EfiTpl): void {
    this.tpl.restore(oldTpl);
  }

  /**
   * CreateEventEx, and, without a group, CreateEvent (UEFI §7.1.1, §7.1.2).
   * @throws EFI_INVALID_PARAMETER
   */
  createEvent<Context>(
    type: number,
    notifyTpl: EfiTpl,
    notify: EfiEventNotify<Context> | undefined,
    context: Context,
    eventGroup?: Guid,
    owner?: string,
  ): EfiEvent {
    const made = eventTypeAndGroup(type, notifyTpl, notify !== undefined, eventGroup);
    const notifies = hasNotify(made.type) && notify !== undefined;
    const record = new EventRecord(
      ++this.lastNumber,
      made.type,
      notifies ? notifyTpl : 0,
      notifies ? (event): void => notify(event, context) : undefined,
      made.group,
      owner,
    );
    if (made.group !== undefined) this.groups.add(made.group, record);
    this.events.set(record, record);
    return record;
  }

  /** Puts an event, and with it its group, into the signalled state (UEFI §7.1.4). @throws EFI_INVALID_PARAMETER */
  signalEvent(event: EfiEvent): void {
    this.signal(this.record(event, 'SignalEvent'));
    this.tpl.settle();
  }

  /** Signals all members of an event group, as the core does with its own groups. */
  signalGroup(group: Guid): void {
    this.signalMembers(group);
    this.tpl.settle();
  }

  /**
   * Calls the notification functions of a group at once, at the level of the caller: after boot
   * services have ended there is no other way.
   */
  notifyMembers(group: Guid): void {
    for (const member of this.groups.members(group)) member.notify?.(member);
  }

  /** Whether an event was signalled; a signal is consumed (UEFI §7.1.6). @throws EFI_INVALID_PARAMETER */
  checkEvent(event: EfiEvent): boolean {
    const record = this.record(event, 'CheckEvent');
    if ((record.type & EVT_NOTIFY_SIGNAL) !== 0) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `CheckEvent: event ${record.number} is of type EVT_NOTIFY_SIGNAL, which cannot be waited for`,
      );
    }
    if (!record.signalled && (record.type & EVT_NOTIFY_WAIT) !== 0) {
      this.tpl.queue(record);
      this.tpl.settle();
    }
    const { signalled } = record;
    record.signalled = false;
    return signalled;
  }

  /**
   * Waits until one of the events is signalled, and returns its index (UEFI §7.1.5).
   * @throws EFI_UNSUPPORTED above TPL_APPLICATION; EFI_INVALID_PARAMETER, its `out` the index
   */
  waitForEvent(events: readonly EfiEvent[]): number {
    if (this.tpl.current !== TPL_APPLICATION) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `WaitForEvent at TPL ${this.tpl.current}: it is allowed at TPL_APPLICATION (4) only`,
      );
    }
    if (events.length === 0) {
      throw new EfiError('EFI_INVALID_PARAMETER', 'WaitForEvent needs at least one event');
    }
    for (;;) {
      const signals = this.signals;
      const index = events.findIndex((event, position) => this.checkAt(event, position));
      if (index >= 0) return index;
      // A signal may have come for an event that had been looked at already.
      if (signals === this.signals) this.idle(events);
    }
  }

  /** @throws EFI_INVALID_PARAMETER */
  closeEvent(event: EfiEvent): void {
    const record = this.record(event, 'CloseEvent');
    this.timers.set(record, 'TimerCancel', 0);
    this.tpl.cancel(record);
    if (record.group !== undefined) this.groups.remove(record.group, record);
    this.events.delete(event);
    for (const listener of this.closeListeners) listener(event);
  }

  /** Whether an event is one of these services, and not closed. */
  isEvent(event: EfiEvent): boolean {
    return this.events.has(event);
  }

  /** @param listener is told of each event that is closed: its registrations end with it */
  onClose(listener: (event: EfiEvent) => void): void {
    this.closeListeners.push(listener);
  }

  /**
   * Sets, or cancels, a timer (UEFI §7.1.7).
   * @param triggerTime in units of 100 ns
   * @throws EFI_INVALID_PARAMETER if it is not a timer event, or the time is no time
   */
  setTimer(event: EfiEvent, type: EfiTimerDelay, triggerTime = 0): void {
    const record = this.record(event, 'SetTimer');
    if ((record.type & EVT_TIMER) === 0) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `SetTimer: event ${record.number} is not of type EVT_TIMER`,
      );
    }
    if (!(triggerTime >= 0)) {
      throw new EfiError('EFI_INVALID_PARAMETER', `SetTimer: ${triggerTime} is not a time`);
    }
    this.timers.set(record, type, triggerTime);
    this.expireTimers();
    this.tpl.settle();
  }

  /** No timer fires any more: boot services end. */
  stopTimers(): void {
    this.timers.stop();
  }

  /** No interrupt is taken any more: the operating system has its own handlers. */
  stopInterrupts(): void {
    this.cpu.setInterruptState(false);
    this.cpu.setInterruptHandler(undefined);
  }

  private alarm(): void {
    this.timers.interrupted();
    this.expireTimers();
  }

  private expireTimers(): void {
    if (this.timers.expired) this.tpl.queue(this.checkTimers);
  }

  private signal(record: EventRecord): void {
    this.signals++;
    if (record.signalled) return;
    record.signalled = true;
    const notifies = (record.type & EVT_NOTIFY_SIGNAL) !== 0;
    if (record.group === undefined) {
      if (notifies) this.tpl.queue(record);
    } else if (notifies || !this.groupsOfNotifyFunctions) {
      this.signalMembers(record.group);
    }
  }

  private signalMembers(group: Guid): void {
    for (const member of this.groups.members(group)) {
      const notifies = (member.type & EVT_NOTIFY_SIGNAL) !== 0;
      if (!notifies && this.groupsOfNotifyFunctions) continue;
      this.signals++;
      member.signalled = true;
      if (notifies) this.tpl.queue(member);
    }
  }

  /** CheckEvent within WaitForEvent: an error says which event it was. */
  private checkAt(event: EfiEvent, index: number): boolean {
    const record = this.events.get(event);
    if (record === undefined || (record.type & EVT_NOTIFY_SIGNAL) !== 0) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `WaitForEvent: event ${index} of those to wait for is closed or of type EVT_NOTIFY_SIGNAL`,
        { out: index },
      );
    }
    return this.checkEvent(event);
  }

  private idle(events: readonly EfiEvent[]): void {
    const polls = (event: EfiEvent): boolean =>
      ((this.events.get(event)?.type ?? 0) & EVT_NOTIFY_WAIT) !== 0;
    if (events.some(polls)) this.timers.poll();
    this.cpu.sleep();
  }

  private record(event: EfiEvent, service: string): EventRecord {
    const record = this.events.get(event);
    if (record !== undefined) return record;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `${service}: event ${event.number} is closed, or of another firmware`,
    );
  }
}

function timeBase(clock: Clock, quirks: Quirks, interrupts: InterruptOptions): TimeBase {
  const { period, burst = 1 } = interrupts;
  const beats = (every: number): InterruptBeats => new InterruptBeats(clock, every, burst);
  if (quirks.has('DxeCore.TimerTick')) return new TickTime(clock, beats(period ?? TIMER_TICK));
  return new ExactTime(clock, period === undefined ? undefined : beats(period));
}
