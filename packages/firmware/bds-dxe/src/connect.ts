import type { DevicePath, EfiBootServices, EfiHandle, Protocol } from '@dxelab/uefi';
import {
  DevicePathProtocol,
  efiStatusOf,
  isDevicePathEnd,
  isEfiFailure,
  PciRootBridgeIoProtocol,
} from '@dxelab/uefi';

/** What connecting needs of the boot services. */
export type ConnectServices = Pick<
  EfiBootServices,
  'connectController' | 'locateDevicePath' | 'locateHandleBuffer'
>;

/**
 * EfiBootManagerConnectDevicePath: connects, node by node, what a device path leads through, and
 * nothing else. It ends where no driver gets any further; the file path behind a volume is such a
 * place. MdeModulePkg/Library/UefiBootManagerLib/BmConnect.c.
 * @returns the handle of the whole path, not itself connected; `undefined` if it came not so far
 */
export function connectDevicePath(bs: ConnectServices, path: DevicePath): EfiHandle | undefined {
  let left = Infinity;
  for (;;) {
    const found = locate(bs, path);
    if (found === undefined) return undefined;
    if (isDevicePathEnd(found.remaining)) return found.handle;
    // each round has to come further than the one before, so that the rounds end
    if (found.remaining.length >= left) return undefined;
    left = found.remaining.length;
    connect(bs, found.handle, false, found.remaining);
  }
}

/** EfiBootManagerConnectAll: every driver on every controller, and on what they bring forth. */
export function connectAll(bs: ConnectServices): void {
  for (const handle of bs.locateHandleBuffer({ type: 'AllHandles' })) connect(bs, handle, true);
}

/** EfiBootManagerDisconnectAll: no driver manages anything any more. */
export function disconnectAll(
  bs: Pick<EfiBootServices, 'disconnectController' | 'locateHandleBuffer'>,
): void {
  for (const handle of bs.locateHandleBuffer({ type: 'AllHandles' })) {
    try {
      bs.disconnectController(handle);
    } catch (caught) {
      // a handle that went away while others were disconnected is EFI_INVALID_PARAMETER
      if (!isEfiFailure(caught)) throw caught;
    }
  }
}

/** The root bridges only: PCI is enumerated, but no PCI driver is started yet. */
export function connectRootBridges(bs: ConnectServices): void {
  for (const handle of handlesWith(bs, PciRootBridgeIoProtocol)) connect(bs, handle, false);
}

/** ConnectController, for which "no driver" is an answer. */
export function connect(
  bs: ConnectServices,
  handle: EfiHandle,
  recursive: boolean,
  remaining?: DevicePath,
): void {
  try {
    bs.connectController(handle, undefined, remaining, recursive);
  } catch (caught) {
    // a handle that went away while others were connected is EFI_INVALID_PARAMETER
    if (!isEfiFailure(caught)) throw caught;
  }
}

/** LocateHandleBuffer by protocol, for which "none" is an answer. */
export function handlesWith(
  bs: ConnectServices,
  protocol: Protocol<unknown>,
): readonly EfiHandle[] {
  try {
    return bs.locateHandleBuffer({ type: 'ByProtocol', protocol });
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return [];
    throw caught;
  }
}

function locate(
  bs: ConnectServices,
  path: DevicePath,
): { readonly handle: EfiHandle; readonly remaining: DevicePath } | undefined {
  try {
    return bs.locateDevicePath(DevicePathProtocol, path);
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return undefined;
    throw caught;
  }
}
