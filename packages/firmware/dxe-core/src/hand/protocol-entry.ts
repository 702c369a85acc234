import type { EfiEvent, EfiHandle, Guid, ProtocolRegistration } from '@dxelab/uefi';
import { OpenList } from './open-list.ts';

/** One interface of a protocol, on one handle. Handle.h (PROTOCOL_INTERFACE). */
export class InstalledInterface<Interface = unknown> {
  readonly handle: EfiHandle;
  readonly entry: ProtocolEntry<Interface>;
  interface: Interface;
  readonly opens: OpenList = new OpenList();
  /** False once it is uninstalled: who holds on to it can tell. */
  installed = true;
  /** Its place in the order of installation; newer is higher. */
  sequence = 0;
  /** Its neighbours in the protocol's list. */
  previous: InstalledInterface<Interface> | undefined;
  next: InstalledInterface<Interface> | undefined;

  constructor(handle: EfiHandle, entry: ProtocolEntry<Interface>, instance: Interface) {
    this.handle = handle;
    this.entry = entry;
    this.interface = instance;
  }
}

/** A registered notification, and how far its owner has come. Handle.h (PROTOCOL_NOTIFY). */
export class Registration implements ProtocolRegistration {
  readonly guid: Guid;
  readonly event: EfiEvent;
  /** The last interface that was handed out; `undefined` stands before the oldest. */
  position: InstalledInterface | undefined;

  constructor(guid: Guid, event: EfiEvent) {
    this.guid = guid;
    this.event = event;
  }
}

/** A protocol with all its interfaces, in order of (re)installation. Handle.h (PROTOCOL_ENTRY). */
export class ProtocolEntry<Interface = unknown> {
  readonly guid: Guid;
  readonly name: string;
  readonly registrations: Set<Registration> = new Set<Registration>();
  /** Changes whenever an interface comes, goes or is replaced. */
  generation = 0;
  #first: InstalledInterface<Interface> | undefined;
  #last: InstalledInterface<Interface> | undefined;
  /** In the order of the list: among many handles, a walk along it would miss the cache at every step. */
  readonly #handles = new Set<EfiHandle>();

  constructor(guid: Guid, name: string) {
    this.guid = guid;
    this.name = name;
  }

  get count(): number {
    return this.#handles.size;
  }

  /** The oldest interface. */
  get first(): InstalledInterface<Interface> | undefined {
    return this.#first;
  }

  /** Oldest first. */
  interfaces(): InstalledInterface<Interface>[] {
    const all: InstalledInterface<Interface>[] = [];
    for (let one = this.#first; one !== undefined; one = one.next) all.push(one);
    return all;
  }

  /** The handles of the interfaces, oldest first. */
  handles(): EfiHandle[] {
    return [...this.#handles];
  }

  /** The interface behind a registration's position. */
  nextOf(registration: Registration): InstalledInterface<Interface> | undefined {
    if (registration.position === undefined) return this.#first;
    const { next } = registration.position;
    return next !== undefined && this.#lists(next) ? next : undefined;
  }

  append(installed: InstalledInterface<Interface>): void {
    this.generation += 1;
    this.#handles.add(installed.handle);
    installed.sequence = this.generation;
    installed.previous = this.#last;
    installed.next = undefined;
    if (this.#last === undefined) this.#first = installed;
    else this.#last.next = installed;
    this.#last = installed;
  }

  /** Takes an interface out; a registration that stood on it steps back to the one before. */
  remove(installed: InstalledInterface<Interface>): void {
    const { previous, next } = installed;
    for (const registration of this.registrations) {
      if (registration.position === installed) registration.position = previous;
    }
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    this.#handles.delete(installed.handle);
    this.generation += 1;
  }

  #lists(installed: InstalledInterface): installed is InstalledInterface<Interface> {
    return installed.entry === this;
  }
}
