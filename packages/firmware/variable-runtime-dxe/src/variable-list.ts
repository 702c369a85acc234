import type { EfiVariableName, Guid } from '@dxelab/uefi';
import type { VariableRecord } from './store/variable-record.ts';

/** A variable in a list, and where it stands in its store. */
export interface VariableEntry extends VariableRecord {
  /** In the store, in bytes; 0 for a volatile variable. */
  readonly offset: number;
}

interface Link {
  readonly entry: VariableEntry;
  previous: Link | undefined;
  next: Link | undefined;
}

/** Variables by their names, in the order in which they were written; each step takes the same time. */
export class VariableList {
  readonly #links = new Map<string, Link>();
  #first: Link | undefined;
  #last: Link | undefined;

  get(name: string, vendor: Guid): VariableEntry | undefined {
    return this.#links.get(keyOf(name, vendor))?.entry;
  }

  /** A variable at the end; one of the same name, which it replaces, leaves its place. */
  put(entry: VariableEntry): void {
    this.delete(entry.name, entry.vendor);
    const link: Link = { entry, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.#links.set(keyOf(entry.name, entry.vendor), link);
  }

  delete(name: string, vendor: Guid): void {
    const link = this.#links.get(keyOf(name, vendor));
    if (link === undefined) return;
    this.#links.delete(keyOf(name, vendor));
    if (link.previous === undefined) this.#first = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#last = link.previous;
    else link.next.previous = link.previous;
  }

  clear(): void {
    this.#links.clear();
    this.#first = undefined;
    this.#last = undefined;
  }

  get first(): VariableEntry | undefined {
    return this.#first?.entry;
  }

  /** The variable behind another one of this list; `undefined` after the last. */
  after({ name, vendor }: EfiVariableName): VariableEntry | undefined {
    return this.#links.get(keyOf(name, vendor))?.next?.entry;
  }

  *[Symbol.iterator](): Generator<VariableEntry, void, undefined> {
    for (let link = this.#first; link !== undefined; link = link.next) yield link.entry;
  }
}

function keyOf(name: string, vendor: Guid): string {
  return vendor + name;
}
