import type { EfiHandle, EfiTpl, Protocol } from '@dxelab/uefi';
import { EFI_OPEN_PROTOCOL_BY_DRIVER, EfiError } from '@dxelab/uefi';
import type { DriverSupport } from './driver-support.ts';
import type { HandTrace } from './hand-trace.ts';
import type { HandleDatabase } from './handle-database.ts';
import { describeOpen } from './open-description.ts';
import type { InstalledInterface } from './protocol-entry.ts';

/**
 * InstallProtocolInterface, UninstallProtocolInterface and ReinstallProtocolInterface (UEFI 2.11
 * §7.3.2 to §7.3.4). MdeModulePkg/Core/Dxe/Hand/Handle.c, Notify.c.
 */
export class ProtocolInstaller {
  readonly #database: HandleDatabase;
  readonly #drivers: DriverSupport;
  readonly #trace: HandTrace;

  constructor(database: HandleDatabase, drivers: DriverSupport, trace: HandTrace) {
    this.#database = database;
    this.#drivers = drivers;
    this.#trace = trace;
  }

  /**
   * @param notify whether registered notifications are signalled
   * @throws EFI_INVALID_PARAMETER if the handle has the protocol, or is not a handle
   */
  install<Interface>(
    handle: EfiHandle | undefined,
    protocol: Protocol<Interface>,
    instance: Interface,
    notify: boolean,
  ): EfiHandle {
    const tpl = this.#database.lock();
    try {
      if (this.#database.lookUp(handle, protocol) !== undefined) {
        throw new EfiError(
          'EFI_INVALID_PARAMETER',
          `expected a handle without ${protocol.name}, handle ${handle?.number} has it`,
        );
      }
      const record = handle === undefined ? undefined : this.#database.record(handle);
      const installed = this.#database.attach(record, protocol, instance);
      this.#trace.tracer?.('install_protocol', named(installed));
      if (notify) this.#database.notify(installed.entry);
      return installed.handle;
    } finally {
      this.#database.unlock(tpl);
    }
  }

  /**
   * @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND if this interface is not on the handle,
   *   EFI_ACCESS_DENIED if somebody does not let go of it
   */
  uninstall<Interface>(
    handle: EfiHandle,
    protocol: Protocol<Interface>,
    instance: Interface,
  ): void {
    const tpl = this.#database.lock();
    try {
      const installed = this.#find(handle, protocol, instance);
      this.#release(installed, tpl);
      this.#database.detach(installed);
      this.#trace.tracer?.('uninstall_protocol', named(installed));
    } finally {
      this.#database.unlock(tpl);
    }
  }

  /** Drivers are connected again before the notifications run. @throws as `uninstall` */
  reinstall<Interface>(
    handle: EfiHandle,
    protocol: Protocol<Interface>,
    oldInterface: Interface,
    newInterface: Interface,
  ): void {
    const tpl = this.#database.lock();
    try {
      const installed = this.#find(handle, protocol, oldInterface);
      this.#release(installed, tpl);
      this.#database.replace(installed, newInterface);
      this.#trace.tracer?.('reinstall_protocol', named(installed));
      this.#database.unlocked(tpl, () => this.#drivers.connect(handle, [], undefined, true));
      this.#database.notify(installed.entry);
    } finally {
      this.#database.unlock(tpl);
    }
  }

  #find<Interface>(
    handle: EfiHandle,
    protocol: Protocol<Interface>,
    instance: Interface,
  ): InstalledInterface<Interface> {
    const installed = this.#database.installedOn(this.#database.record(handle), protocol);
    if (installed !== undefined && installed.interface === instance) return installed;
    const found = installed === undefined ? 'none' : 'another interface of it';
    throw notFound(protocol, handle, found);
  }

  /**
   * Makes everybody let go of an interface: drivers by disconnecting them, those who only look by
   * forgetting them. If one does not, the drivers are connected again.
   * Handle.c: CoreDisconnectControllersUsingProtocolInterface.
   */
  #release(installed: InstalledInterface, tpl: EfiTpl): void {
    const { handle, entry, opens } = installed;
    const error = this.#stopDrivers(installed, tpl);
    if (!installed.installed) throw notFound(entry, handle, 'that a driver has uninstalled it');
    if (error === undefined) opens.dropTransient();
    if (error === undefined && opens.size === 0) return;

    const holders = opens.records().map((open) => describeOpen(open, this.#trace));
    this.#database.unlocked(tpl, () => this.#drivers.connect(handle, [], undefined, true));
    throw new EfiError(
      'EFI_ACCESS_DENIED',
      `expected nobody to use ${entry.name} on handle ${handle.number}; it is open ${holders.join(', ')}`,
      { cause: error },
    );
  }

  /** Disconnects the drivers that have an interface open, until one refuses. */
  #stopDrivers(installed: InstalledInterface, tpl: EfiTpl): EfiError | undefined {
    const stopped = new Set<EfiHandle>();
    for (;;) {
      const owner = installed.installed ? installed.opens.owner : undefined;
      if (owner === undefined || (owner.attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) === 0) break;
      // A Stop that succeeds and closes nothing would be called for ever: the record stays, and counts.
      const { agentHandle } = owner;
      if (stopped.has(agentHandle)) break;
      stopped.add(agentHandle);
      const error = this.#database.unlocked(tpl, () =>
        this.#drivers.disconnect(installed.handle, agentHandle, undefined),
      );
      if (error !== undefined) return error;
    }
    return undefined;
  }
}

function named({ handle, entry }: InstalledInterface): {
  readonly handle: number;
  readonly protocol: string;
} {
  return { handle: handle.number, protocol: entry.name };
}

function notFound(protocol: { readonly name: string }, handle: EfiHandle, found: string): EfiError {
  return new EfiError(
    'EFI_NOT_FOUND',
    `expected this interface of ${protocol.name} on handle ${handle.number}, found ${found}`,
  );
}
