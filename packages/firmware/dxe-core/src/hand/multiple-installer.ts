import type { EfiHandle, ProtocolInterface } from '@dxelab/uefi';
import { DevicePathProtocol, EfiError, isEfiFailure } from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { HandleDatabase } from './handle-database.ts';
import type { ProtocolInstaller } from './protocol-installer.ts';

/**
 * InstallMultipleProtocolInterfaces and UninstallMultipleProtocolInterfaces (UEFI 2.11 §7.3.17,
 * §7.3.18): all or nothing. MdeModulePkg/Core/Dxe/Hand/Handle.c.
 */
export class MultipleInstaller {
  readonly #database: HandleDatabase;
  readonly #installer: ProtocolInstaller;
  readonly #losesHandle: boolean;

  constructor(database: HandleDatabase, installer: ProtocolInstaller, quirks: Quirks) {
    this.#database = database;
    this.#installer = installer;
    this.#losesHandle = quirks.has('DxeCore.UninstallMultipleLosesHandle');
  }

  /**
   * Under one lock, so that notifications find the whole set.
   * @throws EFI_ALREADY_STARTED if a device path is installed anywhere; what the first failure was
   */
  install(handle: EfiHandle | undefined, interfaces: readonly ProtocolInterface[]): EfiHandle {
    const tpl = this.#database.lock();
    const installed: ProtocolInterface[] = [];
    let on = handle;
    try {
      for (const pair of interfaces) {
        this.#refuseKnownPath(pair);
        on = this.#installer.install(on, pair.protocol, pair.interface, true);
        installed.push(pair);
      }
    } catch (caught) {
      if (!isEfiFailure(caught) || on === undefined) throw caught;
      for (const pair of installed) this.#undo(on, pair);
      throw caught;
    } finally {
      this.#database.unlock(tpl);
    }
    if (on !== undefined) return on;
    throw new EfiError('EFI_INVALID_PARAMETER', 'expected a handle or an interface, got neither');
  }

  /** @throws EFI_INVALID_PARAMETER whatever the failure was, which is the `cause` */
  uninstall(handle: EfiHandle, interfaces: readonly ProtocolInterface[]): void {
    const record = this.#database.find(handle);
    if (this.#losesHandle || record === undefined) this.#uninstallAll(handle, interfaces);
    else this.#database.holding(record, () => this.#uninstallAll(handle, interfaces));
  }

  #uninstallAll(handle: EfiHandle, interfaces: readonly ProtocolInterface[]): void {
    const gone: ProtocolInterface[] = [];
    for (const pair of interfaces) {
      try {
        this.#installer.uninstall(handle, pair.protocol, pair.interface);
      } catch (caught) {
        if (!isEfiFailure(caught)) throw caught;
        for (const before of gone) this.#restore(handle, before);
        throw new EfiError(
          'EFI_INVALID_PARAMETER',
          `${pair.protocol.name} could not be uninstalled from handle ${handle.number}`,
          { cause: caught },
        );
      }
      gone.push(pair);
    }
  }

  /** Only here, and not in InstallProtocolInterface: so §7.3.17 has it, and §7.3.2 has not. */
  #refuseKnownPath({ protocol, interface: path }: ProtocolInterface): void {
    if (protocol.guid !== DevicePathProtocol.guid || !(path instanceof Uint8Array)) return;
    const other = this.#database.devicePaths.find(path);
    if (other === undefined) return;
    throw new EfiError(
      'EFI_ALREADY_STARTED',
      `expected a device path that is not installed yet, handle ${other.handle.number} has this one`,
    );
  }

  #undo(handle: EfiHandle, { protocol, interface: instance }: ProtocolInterface): void {
    ignoringFailure(() => this.#installer.uninstall(handle, protocol, instance));
  }

  #restore(handle: EfiHandle, { protocol, interface: instance }: ProtocolInterface): void {
    // Fails if the handle is gone: a stale handle takes nothing.
    ignoringFailure(() => this.#installer.install(handle, protocol, instance, true));
  }
}

/** What fails while undoing never hides why it has to be undone. */
function ignoringFailure(body: () => void): void {
  try {
    body();
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
  }
}
