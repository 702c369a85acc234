import { pciAddress } from '@dxelab/pci';
import type { EfiPciLocation, EfiPciRootBridgeIo } from '@dxelab/uefi';

/** The configuration space of one function, as its bus driver reaches it: through the root bridge. */
export class FunctionConfig {
  readonly rootBridgeIo: EfiPciRootBridgeIo;
  readonly location: EfiPciLocation;

  constructor(rootBridgeIo: EfiPciRootBridgeIo, bus: number, device: number, func: number) {
    this.rootBridgeIo = rootBridgeIo;
    this.location = { segment: rootBridgeIo.segmentNumber, bus, device, function: func };
  }

  /** @param width 0, 1 or 2 for 8, 16 or 32 bits */
  read(width: 0 | 1 | 2, register: number): number {
    return this.rootBridgeIo.pci.read(width, this.address(register));
  }

  write(width: 0 | 1 | 2, register: number, value: number): void {
    this.rootBridgeIo.pci.write(width, this.address(register), value);
  }

  /** The register as EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL.Pci takes it. */
  address(register: number): number {
    const { bus, device, function: func } = this.location;
    return pciAddress(bus, device, func, register);
  }
}
