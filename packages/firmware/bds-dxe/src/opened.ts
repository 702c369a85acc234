import type { EfiBootServices, EfiHandle, Protocol } from '@dxelab/uefi';
import { EFI_OPEN_PROTOCOL_GET_PROTOCOL } from '@dxelab/uefi';

/** A protocol of a handle, to look at; `undefined` if it has none. */
export function opened<Interface>(
  bs: Pick<EfiBootServices, 'tryOpenProtocol'>,
  handle: EfiHandle,
  protocol: Protocol<Interface>,
): Interface | undefined {
  const attributes = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
  return bs.tryOpenProtocol(handle, protocol, undefined, undefined, attributes).interface;
}
