import {
  PCI_CONFIGURATION_ADDRESS_PORT,
  PCI_CONFIGURATION_DATA_PORT,
  PCI_CONFIG_SPACE_SIZE,
} from '@dxelab/pci';
import type { AddressSpace, Cpu } from '@dxelab/platform';
import type { ConfigMechanism, ConfigTarget } from './config-mechanism.ts';

/** Bit 31 of the address port: the next data access is a configuration cycle. */
const ENABLE = 0x80000000;

/**
 * Configuration mechanism #1 (PCI Local Bus 3.0 §3.2.2.3.2): an address port and a data port.
 * MdePkg/Library/BasePciCf8Lib.
 */
export class ConfigurationPorts implements ConfigMechanism {
  readonly size: number = PCI_CONFIG_SPACE_SIZE;
  readonly #ports: AddressSpace;
  readonly #cpu: Pick<Cpu, 'setInterruptState'>;

  constructor(ports: AddressSpace, cpu: Pick<Cpu, 'setInterruptState'>) {
    this.#ports = ports;
    this.#cpu = cpu;
  }

  read(size: number, target: ConfigTarget): number {
    const enabled = this.#cpu.setInterruptState(false);
    try {
      const port = this.#select(target);
      if (size === 1) return this.#ports.read8(port);
      return size === 2 ? this.#ports.read16(port) : this.#ports.read32(port);
    } finally {
      this.#cpu.setInterruptState(enabled);
    }
  }

  write(size: number, target: ConfigTarget, value: number): void {
    const enabled = this.#cpu.setInterruptState(false);
    try {
      const port = this.#select(target);
      if (size === 1) this.#ports.write8(port, value);
      else if (size === 2) this.#ports.write16(port, value);
      else this.#ports.write32(port, value);
    } finally {
      this.#cpu.setInterruptState(enabled);
    }
  }

  /**
   * Writes the address and returns the port of the data. An interrupt in between could select another
   * register, so callers disable interrupts.
   */
  #select({ bus, device, function: func, register }: ConfigTarget): number {
    const address = ENABLE | (bus << 16) | (device << 11) | (func << 8) | (register & 0xfc);
    this.#ports.write32(PCI_CONFIGURATION_ADDRESS_PORT, address >>> 0);
    return PCI_CONFIGURATION_DATA_PORT + (register & 3);
  }
}
