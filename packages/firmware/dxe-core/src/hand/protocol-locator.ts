import type {
  DevicePath,
  EfiEvent,
  EfiHandle,
  Guid,
  LocateSearch,
  Protocol,
  ProtocolRegistration,
} from '@dxelab/uefi';
import { EfiError, devicePathInstances, devicePathNodes } from '@dxelab/uefi';
import type { HandEvents } from './hand-events.ts';
import type { HandleDatabase } from './handle-database.ts';
import type { InstalledInterface } from './protocol-entry.ts';
import { Registration } from './protocol-entry.ts';

/**
 * RegisterProtocolNotify, LocateHandle(Buffer), LocateProtocol, LocateDevicePath and
 * ProtocolsPerHandle (UEFI 2.11 §7.3.5, §7.3.6, §7.3.8, §7.3.14 to §7.3.16).
 * MdeModulePkg/Core/Dxe/Hand/Locate.c, Notify.c.
 */
export class ProtocolLocator {
  readonly #database: HandleDatabase;
  readonly #events: HandEvents;
  readonly #byEvent = new Map<EfiEvent, Registration[]>();

  constructor(database: HandleDatabase, events: HandEvents) {
    this.#database = database;
    this.#events = events;
    events.onClose((event) => this.#forget(event));
  }

  /**
   * The event is not signalled for what is installed already, but the registration finds that first.
   * @throws EFI_INVALID_PARAMETER if the event is not one, or closed
   */
  register(protocol: Protocol<unknown>, event: EfiEvent): ProtocolRegistration {
    return this.#locked(() => {
      if (!this.#events.isEvent(event)) {
        throw new EfiError(
          'EFI_INVALID_PARAMETER',
          `event ${event.number} is closed, or of another firmware`,
        );
      }
      const registration = new Registration(protocol.guid, event);
      this.#database.entry(protocol).registrations.add(registration);
      this.#byEvent.set(event, [...(this.#byEvent.get(event) ?? []), registration]);
      return registration;
    });
  }

  /** @throws EFI_NOT_FOUND; EFI_INVALID_PARAMETER for an unknown search type or a dead registration */
  handles(search: LocateSearch): readonly EfiHandle[] {
    const found = this.#locked(() => this.#search(search));
    if (found.length > 0) return found;
    throw new EfiError('EFI_NOT_FOUND', `LocateHandle ${search.type} found no handle`);
  }

  /** @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER if the registration is not one of this protocol */
  protocol<Interface>(
    protocol: Protocol<Interface>,
    registration: ProtocolRegistration | undefined,
  ): Interface {
    return this.#locked(() => {
      const entry = this.#database.findEntry(protocol);
      let found: InstalledInterface<Interface> | undefined = entry?.first;
      if (registration !== undefined) {
        const known = this.#known(registration, protocol.guid);
        found = entry?.nextOf(known);
        if (found !== undefined) known.position = found;
      }
      if (found !== undefined) return found.interface;
      const which = registration === undefined ? '' : ' since the registration was last asked';
      throw new EfiError('EFI_NOT_FOUND', `no handle has got ${protocol.name}${which}`);
    });
  }

  /** The longest prefix wins; of equal ones, who got the protocol first. @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER */
  devicePath(
    protocol: Protocol<unknown>,
    path: DevicePath,
  ): { readonly handle: EfiHandle; readonly remaining: DevicePath } {
    return this.#locked(() => {
      for (const length of prefixLengths(path)) {
        const handle = this.#oldestAt(path.subarray(0, length), protocol);
        if (handle !== undefined) return { handle, remaining: path.slice(length) };
      }
      throw new EfiError(
        'EFI_NOT_FOUND',
        `no handle with ${protocol.name} has a device path that this one begins with`,
      );
    });
  }

  /** Newest first. @throws EFI_INVALID_PARAMETER */
  protocolsPerHandle(handle: EfiHandle): readonly Guid[] {
    return this.#locked(() =>
      this.#database.record(handle).interfaces.map(({ entry }) => entry.guid),
    );
  }

  #search(search: LocateSearch): readonly EfiHandle[] {
    switch (search.type) {
      case 'AllHandles':
        return this.#database.handles();
      case 'ByProtocol':
        return this.#database.findEntry(search.protocol)?.handles() ?? [];
      case 'ByRegisterNotify': {
        // One handle for each call: what was handed out once does not come again.
        const registration = this.#known(search.searchKey, search.searchKey.guid);
        const next = this.#database.entryOf(registration.guid)?.nextOf(registration);
        if (next === undefined) return [];
        registration.position = next;
        return [next.handle];
      }
      default:
        throw new EfiError('EFI_INVALID_PARAMETER', `no such search type: ${String(search)}`);
    }
  }

  /** @throws EFI_INVALID_PARAMETER for a registration of another protocol or world, or of a closed event */
  #known(registration: ProtocolRegistration, guid: Guid): Registration {
    for (const known of this.#database.entryOf(guid)?.registrations ?? []) {
      if (known === registration) return known;
    }
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `expected a registration for ${guid} whose event is not closed`,
    );
  }

  #oldestAt(body: Uint8Array, protocol: Protocol<unknown>): EfiHandle | undefined {
    let oldest: InstalledInterface | undefined;
    for (const { handle } of this.#database.devicePaths.withBody(body)) {
      const found = this.#database.installedOn(this.#database.record(handle), protocol);
      if (found !== undefined && (oldest === undefined || found.sequence < oldest.sequence)) {
        oldest = found;
      }
    }
    return oldest?.handle;
  }

  #forget(event: EfiEvent): void {
    for (const registration of this.#byEvent.get(event) ?? []) {
      this.#database.entryOf(registration.guid)?.registrations.delete(registration);
    }
    this.#byEvent.delete(event);
  }

  #locked<Result>(body: () => Result): Result {
    const tpl = this.#database.lock();
    try {
      return body();
    } finally {
      this.#database.unlock(tpl);
    }
  }
}

/** The lengths of a path's leading nodes, the longest first, within its first instance. */
function prefixLengths(path: DevicePath): number[] {
  const [instance = path] = devicePathInstances(path);
  const lengths = [0];
  let length = 0;
  for (const node of devicePathNodes(instance)) {
    length += node.length;
    lengths.unshift(length);
  }
  return lengths;
}
