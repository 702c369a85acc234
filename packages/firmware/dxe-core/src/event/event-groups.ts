import type { Guid } from '@dxelab/uefi';
import type { EventRecord } from './event-record.ts';

const NOBODY: readonly EventRecord[] = [];

/** Which events belong to which event group (UEFI §7.1.2). */
export class EventGroups {
  readonly #groups = new Map<Guid, readonly EventRecord[]>();

  add(group: Guid, record: EventRecord): void {
    this.#groups.set(group, [record, ...this.members(group)]);
  }

  remove(group: Guid, record: EventRecord): void {
    const others = this.members(group).filter((member) => member !== record);
    if (others.length > 0) this.#groups.set(group, others);
    else this.#groups.delete(group);
  }

  /**
   * Newest first, the order in which EDK II notifies them among equals of TPL; the standard names no
   * order. The list does not change under who walks it.
   */
  members(group: Guid): readonly EventRecord[] {
    return this.#groups.get(group) ?? NOBODY;
  }
}
