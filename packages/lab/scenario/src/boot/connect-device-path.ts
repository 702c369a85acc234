import type { DevicePath, EfiBootServices, EfiHandle } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  DevicePathProtocol,
  EfiError,
  isDevicePathEnd,
  isEfiFailure,
} from '@dxelab/uefi';

/**
 * Connects, node by node, what a device path leads through, and returns its controller, which itself
 * is not connected.
 * @param drivers image handles of drivers that are tried before all others
 * @throws EFI_NOT_FOUND, with how far it came and why no further
 */
export function reachDevicePath(
  bs: EfiBootServices,
  path: DevicePath,
  drivers?: readonly EfiHandle[],
): EfiHandle {
  let reached: EfiHandle | undefined;
  let failure: unknown;
  for (;;) {
    const { handle, remaining } = locate(bs, path, failure);
    if (isDevicePathEnd(remaining)) return handle;
    if (handle === reached) throw nothingThere(path, remaining, failure);
    reached = handle;
    try {
      bs.connectController(handle, drivers, remaining, false);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      // Not yet a failure: what is already connected says so in the same way.
      failure = caught;
    }
  }
}

function locate(
  bs: EfiBootServices,
  path: DevicePath,
  failure: unknown,
): { readonly handle: EfiHandle; readonly remaining: DevicePath } {
  try {
    return bs.locateDevicePath(DevicePathProtocol, path);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    throw nothingThere(path, path, failure ?? caught);
  }
}

function nothingThere(path: DevicePath, remaining: DevicePath, cause: unknown): EfiError {
  const text = convertDevicePathToText(path);
  const rest = convertDevicePathToText(remaining);
  return new EfiError('EFI_NOT_FOUND', `nothing is at ${text}: no driver makes ${rest}`, { cause });
}
