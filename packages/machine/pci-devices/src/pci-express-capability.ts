import { EFI_PCI_CAPABILITY_ID_PCIEXP } from '@dxelab/pci';
import type { PciCapability } from './pci-capability.ts';

/** PCI Express Capabilities register: version 2, a root complex integrated endpoint (PCIe §7.5.3.2). */
const VERSION_2_INTEGRATED_ENDPOINT = 0x0092;

/** The capability that makes a function one of PCI Express: all 60 bytes of version 2, otherwise zero. */
export function pciExpressCapability(): PciCapability {
  const body = new Uint8Array(58);
  new DataView(body.buffer).setUint16(0, VERSION_2_INTEGRATED_ENDPOINT, true);
  return { id: EFI_PCI_CAPABILITY_ID_PCIEXP, body };
}
