import type { DevicePath, EfiBootServices, EfiHandle, Protocol } from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  isDevicePathValid,
} from '@dxelab/uefi';

/** A protocol of a handle, to look at; `undefined` if it has none. */
export function opened<Interface>(
  bs: Pick<EfiBootServices, 'tryOpenProtocol'>,
  handle: EfiHandle,
  protocol: Protocol<Interface>,
): Interface | undefined {
  const attributes = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
  return bs.tryOpenProtocol(handle, protocol, undefined, undefined, attributes).interface;
}

/** The device path of a handle; a malformed one, which any driver can install, leads nowhere. */
export function pathOf(
  bs: Pick<EfiBootServices, 'tryOpenProtocol'>,
  handle: EfiHandle,
): DevicePath | undefined {
  const path = opened(bs, handle, DevicePathProtocol);
  return path !== undefined && isDevicePathValid(path) ? path : undefined;
}
