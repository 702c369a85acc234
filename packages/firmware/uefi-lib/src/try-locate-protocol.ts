import type { EfiProtocolServices, Protocol } from '@dxelab/uefi';
import { efiStatusOf } from '@dxelab/uefi';

/** LocateProtocol of what may well not be there: `undefined` then, in place of EFI_NOT_FOUND. */
export function tryLocateProtocol<Interface>(
  bs: Pick<EfiProtocolServices, 'locateProtocol'>,
  protocol: Protocol<Interface>,
): Interface | undefined {
  try {
    return bs.locateProtocol(protocol);
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return undefined;
    throw caught;
  }
}
