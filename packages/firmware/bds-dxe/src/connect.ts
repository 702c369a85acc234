import type { DevicePath, EfiBootServices, EfiHandle, Protocol } from '@dxelab/uefi';
import {
  DevicePathProtocol,
  efiStatusOf,
  isDevicePathEnd,
  isEfiFailure,
  PciRootBridgeIoProtocol,
} from '@dxelab/uefi';

/**
 * EfiBootManagerConnectDevicePath: connects, node by node, what a device path leads through, and
 * nothing else. It ends where no driver gets any further; the file path behind a volume is such a
 * place. MdeModulePkg/Library/UefiBootManagerLib/BmConnect.c.
 */
export function connectDevicePath(bs: EfiBootServices, path: DevicePath): void {
  let previous: EfiHandle | undefined;
  for (;;) {
    const found = locate(bs, path);
    if (found === undefined || isDevicePathEnd(found.remaining)) return;
    if (found.handle === previous) return;
    previous = found.handle;
    connect(bs, found.handle, false, found.remaining);
  }
}

/** EfiBootManagerConnectAll: every driver on every controller, and on what they bring forth. */
export function connectAll(bs: EfiBootServices): void {
  for (const handle of bs.locateHandleBuffer({ type: 'AllHandles' })) connect(bs, handle, true);
}

/** The root bridges only: PCI is enumerated, but no PCI driver is started yet. */
export function connectRootBridges(bs: EfiBootServices): void {
  for (const handle of handlesWith(bs, PciRootBridgeIoProtocol)) connect(bs, handle, false);
}

/** ConnectController, for which "no driver" is an answer. */
export function connect(
  bs: EfiBootServices,
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
  bs: EfiBootServices,
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
  bs: EfiBootServices,
  path: DevicePath,
): { readonly handle: EfiHandle; readonly remaining: DevicePath } | undefined {
  try {
    return bs.locateDevicePath(DevicePathProtocol, path);
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return undefined;
    throw caught;
  }
}
