import type { Tracer } from '@dxelab/platform';
import type {
  DevicePath,
  EfiEvent,
  EfiHandle,
  EfiProtocolServices,
  Guid,
  LocateSearch,
  OpenProtocolInformationEntry,
  OpenProtocolResult,
  Protocol,
  ProtocolInterface,
  ProtocolRegistration,
} from '@dxelab/uefi';
import {
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL,
  EfiError,
  isEfiError,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import { DriverSupport } from './driver-support.ts';
import type { HandEvents } from './hand-events.ts';
import type { HandTrace } from './hand-trace.ts';
import { HandleDatabase } from './handle-database.ts';
import { MultipleInstaller } from './multiple-installer.ts';
import { ProtocolInstaller } from './protocol-installer.ts';
import { ProtocolLocator } from './protocol-locator.ts';
import { ProtocolOpener } from './protocol-opener.ts';

/** What the protocol services of a world need beside its events. */
export interface ProtocolServicesOptions {
  readonly quirks: Quirks;
  readonly trace?: Tracer | undefined;
  /** The name of an image by its handle, for traces and messages. */
  readonly nameOf?: (handle: EfiHandle) => string | undefined;
}

/** Why ConnectController failed. */
const NOT_CONNECTED: Readonly<Record<string, string>> = {
  EFI_NOT_FOUND: 'no driver was started on it',
  EFI_INVALID_PARAMETER: 'it is no handle of this world',
};

/**
 * The protocol handler services of one world (UEFI 2.11 §7.3; each service is documented in
 * `EfiProtocolServices`). They belong to no image: HandleProtocol opens for the core itself.
 * MdeModulePkg/Core/Dxe/Hand.
 *
 * Left to a C interface over them, because only C can provoke it: EFI_INVALID_PARAMETER for a NULL
 * GUID, OUT pointer, search key or registration and for an interface type that is not native,
 * LocateHandle's EFI_BUFFER_TOO_SMALL, and EFI_OUT_OF_RESOURCES (the database is not in guest memory).
 */
export class ProtocolServices implements EfiProtocolServices {
  readonly database: HandleDatabase;
  readonly drivers: DriverSupport;
  readonly #installer: ProtocolInstaller;
  readonly #multiple: MultipleInstaller;
  readonly #opener: ProtocolOpener;
  readonly #locator: ProtocolLocator;
  readonly #imageName: ((handle: EfiHandle) => string | undefined) | undefined;

  constructor(events: HandEvents, options: ProtocolServicesOptions) {
    const { quirks } = options;
    const trace: HandTrace = {
      tracer: options.trace,
      nameOf: (handle) =>
        handle === undefined ? 'nobody' : (this.#name(handle) ?? `handle ${handle.number}`),
    };
    this.#imageName = options.nameOf;
    this.database = new HandleDatabase(events, quirks.has('DxeCore.CoreOpensWhatItLooksUp'));
    this.drivers = new DriverSupport(this.database, quirks, trace);
    this.#installer = new ProtocolInstaller(this.database, this.drivers, trace);
    this.#multiple = new MultipleInstaller(this.database, this.#installer, quirks);
    this.#opener = new ProtocolOpener(this.database, this.drivers, quirks, trace);
    this.#locator = new ProtocolLocator(this.database, events);
  }

  installProtocolInterface<I>(
    handle: EfiHandle | undefined,
    protocol: Protocol<I>,
    instance: I,
  ): EfiHandle {
    return this.#installer.install(handle, protocol, instance, true);
  }

  /** InstallProtocolInterface without notifications: LoadedImage of an image that is not loaded yet. */
  installProtocolInterfaceQuietly<I>(
    handle: EfiHandle | undefined,
    protocol: Protocol<I>,
    instance: I,
  ): EfiHandle {
    return this.#installer.install(handle, protocol, instance, false);
  }

  uninstallProtocolInterface<I>(handle: EfiHandle, protocol: Protocol<I>, instance: I): void {
    this.#installer.uninstall(handle, protocol, instance);
  }

  reinstallProtocolInterface<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    oldInterface: I,
    newInterface: I,
  ): void {
    this.#installer.reinstall(handle, protocol, oldInterface, newInterface);
  }

  installMultipleProtocolInterfaces(
    handle: EfiHandle | undefined,
    ...interfaces: readonly ProtocolInterface[]
  ): EfiHandle {
    return this.#multiple.install(handle, interfaces);
  }

  uninstallMultipleProtocolInterfaces(
    handle: EfiHandle,
    ...interfaces: readonly ProtocolInterface[]
  ): void {
    this.#multiple.uninstall(handle, interfaces);
  }

  handleProtocol<I>(handle: EfiHandle, protocol: Protocol<I>): I {
    const core = this.database.coreImageHandle;
    return this.#opener.open(
      handle,
      protocol,
      core,
      undefined,
      EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL,
    );
  }

  openProtocol<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    agentHandle: EfiHandle | undefined,
    controllerHandle: EfiHandle | undefined,
    attributes: number,
  ): I {
    return this.#opener.open(handle, protocol, agentHandle, controllerHandle, attributes);
  }

  tryOpenProtocol<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    agentHandle: EfiHandle | undefined,
    controllerHandle: EfiHandle | undefined,
    attributes: number,
  ): OpenProtocolResult<I> {
    return this.#opener.tryOpen(handle, protocol, agentHandle, controllerHandle, attributes);
  }

  closeProtocol(
    handle: EfiHandle,
    protocol: Protocol<unknown>,
    agentHandle: EfiHandle,
    controllerHandle: EfiHandle | undefined,
  ): void {
    this.#opener.close(handle, protocol, agentHandle, controllerHandle);
  }

  /** Closes everything that an agent has open anywhere, as unloading its image does. */
  closeAgent(agentHandle: EfiHandle): void {
    this.#opener.closeAgent(agentHandle);
  }

  openProtocolInformation(
    handle: EfiHandle,
    protocol: Protocol<unknown>,
  ): readonly OpenProtocolInformationEntry[] {
    return this.#opener.information(handle, protocol);
  }

  protocolsPerHandle(handle: EfiHandle): readonly Guid[] {
    return this.#locator.protocolsPerHandle(handle);
  }

  registerProtocolNotify(protocol: Protocol<unknown>, event: EfiEvent): ProtocolRegistration {
    return this.#locator.register(protocol, event);
  }

  locateHandleBuffer(search: LocateSearch): readonly EfiHandle[] {
    return this.#locator.handles(search);
  }

  locateProtocol<I>(protocol: Protocol<I>, registration?: ProtocolRegistration): I {
    return this.#locator.protocol(protocol, registration);
  }

  locateDevicePath(
    protocol: Protocol<unknown>,
    devicePath: DevicePath,
  ): { readonly handle: EfiHandle; readonly remaining: DevicePath } {
    return this.#locator.devicePath(protocol, devicePath);
  }

  connectController(
    controller: EfiHandle,
    driverImageHandles: readonly EfiHandle[] = [],
    remainingDevicePath?: DevicePath,
    recursive = false,
  ): void {
    const status = this.drivers.connect(
      controller,
      driverImageHandles,
      remainingDevicePath,
      recursive,
    );
    if (!isEfiError(status)) return;
    const why = NOT_CONNECTED[status] ?? 'the security policy forbids it';
    throw new EfiError(status, `ConnectController of handle ${controller.number}: ${why}`);
  }

  /** Connects, recursively, what was created or changed since the key had a value: StartImage does. */
  connectHandlesByKey(key: number): void {
    for (const handle of this.database.handlesModifiedSince(key)) {
      this.drivers.connect(handle, [], undefined, true);
    }
  }

  disconnectController(
    controller: EfiHandle,
    driverImageHandle?: EfiHandle,
    child?: EfiHandle,
  ): void {
    const error = this.drivers.disconnect(controller, driverImageHandle, child);
    if (error !== undefined) throw error;
  }

  /** The name of an image, or of the image that a driver binding belongs to. */
  #name(handle: EfiHandle): string | undefined {
    const record = this.database.find(handle);
    const binding = record && this.database.installedOn(record, DriverBindingProtocol)?.interface;
    return this.#imageName?.(handle) ?? (binding && this.#imageName?.(binding.imageHandle));
  }
}
