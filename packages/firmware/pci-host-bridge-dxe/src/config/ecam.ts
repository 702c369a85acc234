import { PCI_EXPRESS_CONFIG_SPACE_SIZE } from '@dxelab/pci';
import type { AddressSpace, PciAperture } from '@dxelab/platform';
import type { ConfigMechanism, ConfigTarget } from './config-mechanism.ts';

/**
 * The enhanced configuration access mechanism (PCI Express Base 5.0 §7.2.2): 4 KiB of memory a
 * function, 1 MiB a bus, from bus 0 on. MdePkg/Library/BasePciExpressLib.
 */
export class Ecam implements ConfigMechanism {
  readonly size: number = PCI_EXPRESS_CONFIG_SPACE_SIZE;
  readonly #mmio: AddressSpace;
  readonly #base: number;

  constructor(mmio: AddressSpace, ecam: PciAperture) {
    this.#mmio = mmio;
    this.#base = ecam.base;
  }

  read(size: number, target: ConfigTarget): number {
    const address = this.#address(target);
    if (size === 1) return this.#mmio.read8(address);
    return size === 2 ? this.#mmio.read16(address) : this.#mmio.read32(address);
  }

  write(size: number, target: ConfigTarget, value: number): void {
    const address = this.#address(target);
    if (size === 1) this.#mmio.write8(address, value);
    else if (size === 2) this.#mmio.write16(address, value);
    else this.#mmio.write32(address, value);
  }

  #address({ bus, device, function: func, register }: ConfigTarget): number {
    return this.#base + ((bus << 20) | (device << 15) | (func << 12) | register);
  }
}
