import type { DevicePath } from '../device-path/device-path.ts';
import type { EfiEvent } from '../event.ts';
import type { Guid } from '../guid.ts';
import type { EfiHandle } from '../handle.ts';
import type { Protocol, ProtocolInterface } from '../protocol.ts';
import type { EfiStatus } from '../status/efi-status.ts';

/** OpenProtocol's attributes (UEFI §7.3.9). */
export const EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL = 0x01;
export const EFI_OPEN_PROTOCOL_GET_PROTOCOL = 0x02;
export const EFI_OPEN_PROTOCOL_TEST_PROTOCOL = 0x04;
export const EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER = 0x08;
export const EFI_OPEN_PROTOCOL_BY_DRIVER = 0x10;
export const EFI_OPEN_PROTOCOL_EXCLUSIVE = 0x20;

/** What OpenProtocol answers when it is asked not to throw. */
export interface OpenProtocolResult<Interface> {
  readonly status: EfiStatus;
  /** Present with EFI_SUCCESS and EFI_ALREADY_STARTED. */
  readonly interface: Interface | undefined;
}

/** EFI_OPEN_PROTOCOL_INFORMATION_ENTRY (UEFI §7.3.11). */
export interface OpenProtocolInformationEntry {
  readonly agentHandle: EfiHandle | undefined;
  readonly controllerHandle: EfiHandle | undefined;
  readonly attributes: number;
  readonly openCount: number;
}

declare const registration: unique symbol;
/** What RegisterProtocolNotify returns: a position in the instances of a protocol. */
export interface ProtocolRegistration {
  readonly [registration]?: never;
  readonly guid: Guid;
}

/** EFI_LOCATE_SEARCH_TYPE with its search key (UEFI §7.3.6). */
export type LocateSearch =
  | { readonly type: 'AllHandles' }
  | { readonly type: 'ByProtocol'; readonly protocol: Protocol<unknown> }
  | { readonly type: 'ByRegisterNotify'; readonly searchKey: ProtocolRegistration };

/** Protocol handler services (UEFI §7.3). */
export interface EfiProtocolServices {
  /**
   * Installs on `handle`, or on a new handle if there is none, and returns the handle.
   * @throws EFI_INVALID_PARAMETER if the handle has the protocol or is not a handle; EFI_OUT_OF_RESOURCES
   */
  installProtocolInterface<I>(
    handle: EfiHandle | undefined,
    protocol: Protocol<I>,
    instance: I,
  ): EfiHandle;

  /** @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND, EFI_ACCESS_DENIED */
  uninstallProtocolInterface<I>(handle: EfiHandle, protocol: Protocol<I>, instance: I): void;

  /** @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND, EFI_ACCESS_DENIED */
  reinstallProtocolInterface<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    oldInterface: I,
    newInterface: I,
  ): void;

  /**
   * All or nothing.
   * @throws EFI_ALREADY_STARTED if the device path is in the database; as `installProtocolInterface`
   */
  installMultipleProtocolInterfaces(
    handle: EfiHandle | undefined,
    ...interfaces: readonly ProtocolInterface[]
  ): EfiHandle;

  /** All or nothing. @throws EFI_INVALID_PARAMETER */
  uninstallMultipleProtocolInterfaces(
    handle: EfiHandle,
    ...interfaces: readonly ProtocolInterface[]
  ): void;

  /** OpenProtocol BY_HANDLE_PROTOCOL for the core itself. @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER */
  handleProtocol<I>(handle: EfiHandle, protocol: Protocol<I>): I;

  /**
   * @param attributes one of the combinations that UEFI §7.3.9 allows
   * @throws EFI_UNSUPPORTED, EFI_ACCESS_DENIED, EFI_ALREADY_STARTED (its `out` the interface), EFI_INVALID_PARAMETER
   */
  openProtocol<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    agentHandle: EfiHandle | undefined,
    controllerHandle: EfiHandle | undefined,
    attributes: number,
  ): I;

  /** OpenProtocol for those to whom "no" is an answer: it returns the status and does not throw it. */
  tryOpenProtocol<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    agentHandle: EfiHandle | undefined,
    controllerHandle: EfiHandle | undefined,
    attributes: number,
  ): OpenProtocolResult<I>;

  /** @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND */
  closeProtocol(
    handle: EfiHandle,
    protocol: Protocol<unknown>,
    agentHandle: EfiHandle,
    controllerHandle: EfiHandle | undefined,
  ): void;

  /** Oldest first. @throws EFI_NOT_FOUND */
  openProtocolInformation(
    handle: EfiHandle,
    protocol: Protocol<unknown>,
  ): readonly OpenProtocolInformationEntry[];

  /** Newest first. @throws EFI_INVALID_PARAMETER */
  protocolsPerHandle(handle: EfiHandle): readonly Guid[];

  /** @throws EFI_INVALID_PARAMETER */
  registerProtocolNotify(protocol: Protocol<unknown>, event: EfiEvent): ProtocolRegistration;

  /** LocateHandle and LocateHandleBuffer in one: C needs two only for its buffers. @throws EFI_NOT_FOUND */
  locateHandleBuffer(search: LocateSearch): readonly EfiHandle[];

  /** @throws EFI_NOT_FOUND */
  locateProtocol<I>(protocol: Protocol<I>, registration?: ProtocolRegistration): I;

  /**
   * The handle with `protocol` whose device path is the longest prefix of `devicePath`, and the rest.
   * @throws EFI_NOT_FOUND
   */
  locateDevicePath(
    protocol: Protocol<unknown>,
    devicePath: DevicePath,
  ): { readonly handle: EfiHandle; readonly remaining: DevicePath };

  /**
   * @param driverImageHandles drivers to be tried first, in this order
   * @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND
   */
  connectController(
    controller: EfiHandle,
    driverImageHandles?: readonly EfiHandle[],
    remainingDevicePath?: DevicePath,
    recursive?: boolean,
  ): void;

  /** @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND, EFI_DEVICE_ERROR */
  disconnectController(
    controller: EfiHandle,
    driverImageHandle?: EfiHandle,
    child?: EfiHandle,
  ): void;
}
