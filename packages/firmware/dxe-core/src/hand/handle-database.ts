import type { EfiHandle, EfiTpl, Guid, Protocol } from '@dxelab/uefi';
import { DevicePathProtocol, EfiError, TPL_NOTIFY } from '@dxelab/uefi';
import { DevicePathIndex } from './device-path-index.ts';
import type { HandEvents } from './hand-events.ts';
import type { HandleSnapshot } from './handle-snapshot.ts';
import { snapshotOf } from './handle-snapshot.ts';
import { InstalledInterface, ProtocolEntry } from './protocol-entry.ts';

const BY_HANDLE_PROTOCOL = 0x01;

/** A handle with its interfaces, newest first. Handle.h (IHANDLE). */
export interface HandleRecord {
  readonly handle: EfiHandle;
  /** The database's key when an interface last came, went or was replaced. */
  key: number;
  readonly interfaces: InstalledInterface[];
  /** While above zero, the handle outlives its last interface. */
  holds: number;
}

/**
 * All handles and protocols of one world, and the lock over them: the structure behind the protocol
 * services of UEFI 2.11 §7.3, which are built on it in the files beside this one. Its methods expect
 * the lock to be held where order matters, and none of them calls out.
 * MdeModulePkg/Core/Dxe/Hand/Handle.c.
 */
export class HandleDatabase {
  /** The core's own image: the agent of HandleProtocol. Unknown until the core has loaded itself. */
  coreImageHandle: EfiHandle | undefined = undefined;
  readonly devicePaths: DevicePathIndex = new DevicePathIndex();
  readonly #events: HandEvents;
  readonly #recordsLookUps: boolean;
  readonly #handles = new Map<EfiHandle, HandleRecord>();
  readonly #entries = new Map<Guid, ProtocolEntry>();
  #lastNumber = 0;
  #key = 0;

  /** @param recordsLookUps whether the core's own look-ups leave open records (quirk) */
  constructor(events: HandEvents, recordsLookUps: boolean) {
    this.#events = events;
    this.#recordsLookUps = recordsLookUps;
  }

  /** Counts every change; a handle whose key is above an earlier value was touched since. */
  get key(): number {
    return this.#key;
  }

  /** Takes the lock: raises to TPL_NOTIFY and returns the TPL to give to `unlock`. */
  lock(): EfiTpl {
    return this.#events.raiseTpl(TPL_NOTIFY);
  }

  /** Releases the lock; what was signalled under it runs now. */
  unlock(tpl: EfiTpl): void {
    this.#events.restoreTpl(tpl);
  }

  /**
   * Calls out in the middle of a service: to drivers, which must never run under the lock. If `body`
   * throws, the lock stays free, and the service's own `unlock` does nothing.
   */
  unlocked<Result>(tpl: EfiTpl, body: () => Result): Result {
    this.unlock(tpl);
    const result = body();
    this.lock();
    return result;
  }

  /** Whether a handle is one of this database and still there. */
  isHandle(handle: EfiHandle | undefined): boolean {
    return handle !== undefined && this.#handles.has(handle);
  }

  /** @throws EFI_INVALID_PARAMETER for a foreign or stale handle */
  record(handle: EfiHandle): HandleRecord {
    const record = this.#handles.get(handle);
    if (record === undefined) throw invalidHandle('a handle of the database', handle);
    return record;
  }

  /** The record of a handle that may be foreign or stale. */
  find(handle: EfiHandle | undefined): HandleRecord | undefined {
    return handle === undefined ? undefined : this.#handles.get(handle);
  }

  /** All handles, in order of creation. */
  handles(): EfiHandle[] {
    return [...this.#handles.keys()];
  }

  /** The handles that were created or changed after the key had this value. */
  handlesModifiedSince(key: number): EfiHandle[] {
    const modified: EfiHandle[] = [];
    for (const record of this.#handles.values()) if (record.key > key) modified.push(record.handle);
    return modified;
  }

  /** The entry of a protocol, made if it was never heard of. */
  entry<Interface>(protocol: Protocol<Interface>): ProtocolEntry<Interface> {
    const known = this.findEntry(protocol);
    if (known !== undefined) return known;
    const entry = new ProtocolEntry<Interface>(protocol.guid, protocol.name);
    this.#entries.set(protocol.guid, entry);
    return entry;
  }

  /** The entry of a protocol that was once installed or registered for. */
  findEntry<Interface>(protocol: Protocol<Interface>): ProtocolEntry<Interface> | undefined {
    const entry = this.#entries.get(protocol.guid);
    return entry !== undefined && isEntryOf(entry, protocol) ? entry : undefined;
  }

  entryOf(guid: Guid): ProtocolEntry | undefined {
    return this.#entries.get(guid);
  }

  /** Whether any handle has a protocol. */
  isInstalled(guid: Guid): boolean {
    return this.#entries.get(guid)?.first !== undefined;
  }

  /** A protocol's interface on a handle. */
  installedOn<Interface>(
    record: HandleRecord,
    protocol: Protocol<Interface>,
  ): InstalledInterface<Interface> | undefined {
    for (const installed of record.interfaces) {
      if (isInterfaceOf(installed, protocol)) return installed;
    }
    return undefined;
  }

  forEachInterface(visit: (installed: InstalledInterface) => void): void {
    for (const record of this.#handles.values()) record.interfaces.forEach((one) => visit(one));
  }

  /** What the core looks up for itself; no status, no exception. */
  lookUp<Interface>(
    handle: EfiHandle | undefined,
    protocol: Protocol<Interface>,
  ): InstalledInterface<Interface> | undefined {
    const record = this.find(handle);
    const installed = record && this.installedOn(record, protocol);
    if (this.#recordsLookUps && installed !== undefined) this.#recordLookUp(installed);
    return installed;
  }

  /** Puts an interface on a handle, or on a new one. */
  attach<Interface>(
    record: HandleRecord | undefined,
    protocol: Protocol<Interface>,
    instance: Interface,
  ): InstalledInterface<Interface> {
    const on = record ?? this.#createHandle();
    const installed = new InstalledInterface(on.handle, this.entry(protocol), instance);
    on.key = this.#nextKey();
    on.interfaces.unshift(installed);
    installed.entry.append(installed);
    this.#indexPath(installed);
    return installed;
  }

  /** Removes an interface; a handle without interfaces is no handle any more. */
  detach(installed: InstalledInterface): void {
    const record = this.record(installed.handle);
    record.key = this.#nextKey();
    record.interfaces.splice(record.interfaces.indexOf(installed), 1);
    installed.entry.remove(installed);
    installed.installed = false;
    this.devicePaths.remove(installed);
    this.#freeIfEmpty(record);
  }

  /** Exchanges an interface for another, which becomes the protocol's newest. */
  replace<Interface>(installed: InstalledInterface<Interface>, instance: Interface): void {
    installed.entry.remove(installed);
    this.devicePaths.remove(installed);
    installed.interface = instance;
    installed.entry.append(installed);
    this.#indexPath(installed);
    this.record(installed.handle).key = this.#nextKey();
  }

  /** Keeps a handle although it loses its last interface, while `body` runs. */
  holding<Result>(record: HandleRecord, body: () => Result): Result {
    record.holds += 1;
    try {
      return body();
    } finally {
      record.holds -= 1;
      this.#freeIfEmpty(record);
    }
  }

  /** Signals the registered notifications of a protocol; they run when the lock is released. */
  notify(entry: ProtocolEntry): void {
    for (const registration of entry.registrations) this.#events.signalEvent(registration.event);
  }

  /** Everything that is installed and who has it open, for reports. */
  snapshot(): readonly HandleSnapshot[] {
    return [...this.#handles.values()].map(snapshotOf);
  }

  #createHandle(): HandleRecord {
    this.#lastNumber += 1;
    const handle: EfiHandle = Object.freeze({ number: this.#lastNumber });
    const record: HandleRecord = { handle, key: 0, interfaces: [], holds: 0 };
    this.#handles.set(handle, record);
    return record;
  }

  #freeIfEmpty(record: HandleRecord): void {
    if (record.interfaces.length === 0 && record.holds === 0) this.#handles.delete(record.handle);
  }

  #nextKey(): number {
    this.#key += 1;
    return this.#key;
  }

  #indexPath(installed: InstalledInterface): void {
    if (installed.entry.guid === DevicePathProtocol.guid) this.devicePaths.add(installed);
  }

  #recordLookUp({ opens }: InstalledInterface): void {
    const agent = this.coreImageHandle;
    if (agent === undefined) return;
    const known = opens.find(agent, undefined, BY_HANDLE_PROTOCOL);
    if (known === undefined) opens.add(agent, undefined, BY_HANDLE_PROTOCOL);
    else known.openCount += 1;
  }
}

// The GUID stands for the type: whoever installs under it vouches for the interface, as in C.

function isEntryOf<Interface>(
  entry: ProtocolEntry,
  protocol: Protocol<Interface>,
): entry is ProtocolEntry<Interface> {
  return entry.guid === protocol.guid;
}

function isInterfaceOf<Interface>(
  installed: InstalledInterface,
  protocol: Protocol<Interface>,
): installed is InstalledInterface<Interface> {
  return installed.entry.guid === protocol.guid;
}

/** @param expected what the handle should have been, with its article */
export function invalidHandle(expected: string, handle: EfiHandle | undefined): EfiError {
  const came =
    handle === undefined ? 'none' : `handle ${handle.number} of another world, or a stale one`;
  return new EfiError('EFI_INVALID_PARAMETER', `expected ${expected}, got ${came}`);
}
