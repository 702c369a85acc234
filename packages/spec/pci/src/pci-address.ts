/** One register of one function, as EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL.Pci takes it (UEFI §14.2, Table 14.3). */

const EXTENDED = 0x1_0000_0000;

/**
 * Packs bus, device, function and register. A register of 0x100 or above goes into the upper 32 bits,
 * with the lower byte 0.
 */
export function pciAddress(bus: number, device: number, func: number, register: number): number {
  const function32 = bus * 0x1000000 + device * 0x10000 + func * 0x100;
  return register < 0x100 ? function32 + register : function32 + register * EXTENDED;
}

export interface PciAddress {
  readonly bus: number;
  readonly device: number;
  readonly function: number;
  readonly register: number;
}

/** Takes apart what `pciAddress` packed. */
export function pciAddressParts(address: number): PciAddress {
  const low = address % EXTENDED;
  const extended = Math.floor(address / EXTENDED);
  return {
    bus: Math.floor(low / 0x1000000),
    device: Math.floor(low / 0x10000) % 0x100,
    function: Math.floor(low / 0x100) % 0x100,
    register: extended === 0 ? low % 0x100 : extended,
  };
}
