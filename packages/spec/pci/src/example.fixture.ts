import { EFI_PCI_CAPABILITY_ID_VENDOR, pciAddress, readPciCapabilities } from './index.ts';

// The first 0x80 bytes of a function's configuration space: a list, from 0x40 to 0x50.
const config = new DataView(new ArrayBuffer(0x80));
config.setUint16(0x06, 0x0010, true);
config.setUint8(0x34, 0x40);
config.setUint16(0x40, 0x5009, true);
config.setUint16(0x50, 0x0011, true);

/** [{ domain: 'normal', id: 9, offset: 0x40, sizeHint: 0x10 }] */
export const vendorSpecific = readPciCapabilities((width, offset) => {
  if (width === 0) return config.getUint8(offset);
  return width === 1 ? config.getUint16(offset, true) : config.getUint32(offset, true);
}).filter(({ id }) => id === EFI_PCI_CAPABILITY_ID_VENDOR);

/** Register 0x100 of 00:02.0: 0x100_00020000 */
export const address: number = pciAddress(0, 2, 0, 0x100);
