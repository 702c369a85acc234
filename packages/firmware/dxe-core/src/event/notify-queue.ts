import type { EfiTpl } from '@dxelab/uefi';
import { TPL_HIGH_LEVEL } from '@dxelab/uefi';
import type { EventRecord } from './event-record.ts';

/** The notifications that wait for their TPL: one first-in first-out queue for each level. */
export class NotifyQueue {
  /** Bit n is set while something waits at level n. */
  pending = 0;
  readonly #queues: readonly EventRecord[][] = Array.from(
    { length: TPL_HIGH_LEVEL + 1 },
    (): EventRecord[] => [],
  );

  /** Queues a notification last; one that waits already goes to the end. */
  add(record: EventRecord): void {
    this.remove(record);
    record.queued = true;
    this.#queueOf(record.notifyTpl).push(record);
    this.pending |= 1 << record.notifyTpl;
  }

  /** Takes the oldest notification of a level. */
  take(tpl: EfiTpl): EventRecord | undefined {
    const queue = this.#queueOf(tpl);
    const record = queue.shift();
    if (record !== undefined) record.queued = false;
    if (queue.length === 0) this.pending &= ~(1 << tpl);
    return record;
  }

  /** Forgets a notification, if it waits: after CloseEvent it never runs. */
  remove(record: EventRecord): void {
    if (!record.queued) return;
    record.queued = false;
    const queue = this.#queueOf(record.notifyTpl);
    queue.splice(queue.indexOf(record), 1);
    if (queue.length === 0) this.pending &= ~(1 << record.notifyTpl);
  }

  #queueOf(tpl: EfiTpl): EventRecord[] {
    const queue = this.#queues[tpl];
    if (queue === undefined) throw new RangeError(`${tpl} is not a task priority level`);
    return queue;
  }
}
