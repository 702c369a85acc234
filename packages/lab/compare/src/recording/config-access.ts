import { PCI_CONFIGURATION_ADDRESS_PORT, PCI_CONFIGURATION_DATA_PORT } from '@dxelab/pci';
import type { PciConfigReader } from '@dxelab/pci';
import type { Platform } from '@dxelab/platform';
import { quietLook } from './quiet-look.ts';

/** A register of some function's configuration space. */
export interface ConfigAddress {
  /** Bus in bits 15 to 8, device in bits 7 to 3, function in bits 2 to 0. */
  readonly function: number;
  readonly offset: number;
}

const FUNCTION_SPACE = 0x1000;
const DATA_PORTS = 4;
const ENABLED = 0x80000000;

/** Knows which accesses to ports and MMIO go to configuration space (PCI Local Bus 3.0 §3.2.2.3.2, ECAM). */
export class ConfigAccess {
  readonly #platform: Platform;
  /** What was last written to 0xCF8. */
  #selected = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Follows a write to a port. */
  portWritten(port: number, value: number): void {
    if (port === PCI_CONFIGURATION_ADDRESS_PORT) this.#selected = value;
  }

  /** What a port reaches now; `undefined` if it is no configuration space. */
  ofPort(port: number): ConfigAddress | undefined {
    const byte = port - PCI_CONFIGURATION_DATA_PORT;
    const enabled = (this.#selected & ENABLED) !== 0;
    if (byte < 0 || byte >= DATA_PORTS || !enabled) return undefined;
    const func = (this.#selected >>> 8) & 0xffff;
    return { function: func, offset: (this.#selected & 0xfc) + byte };
  }

  /** What an address reaches through ECAM; `undefined` if it is no configuration space. */
  ofMmio(address: number): ConfigAddress | undefined {
    const ecam = this.#ecam;
    if (ecam === undefined) return undefined;
    const at = address - ecam.base;
    if (at < 0 || at >= ecam.length) return undefined;
    return { function: Math.floor(at / FUNCTION_SPACE), offset: at % FUNCTION_SPACE };
  }

  /** Reads a function's registers without the machine's or the firmware's noticing. */
  reader(func: number): PciConfigReader {
    return (width, offset) =>
      quietLook(this.#platform.cycles, () => this.#read(func, width, offset)) ?? 0;
  }

  get #ecam(): { readonly base: number; readonly length: number } | undefined {
    return this.#platform.hobs.pciRootBridges[0]?.ecam;
  }

  #read(func: number, width: 0 | 1 | 2, offset: number): number {
    const { mmio, ports } = this.#platform;
    const ecam = this.#ecam;
    if (ecam !== undefined) {
      const address = ecam.base + func * FUNCTION_SPACE + offset;
      if (width === 0) return mmio.read8(address);
      return width === 1 ? mmio.read16(address) : mmio.read32(address);
    }
    ports.write32(PCI_CONFIGURATION_ADDRESS_PORT, (ENABLED | (func << 8) | (offset & 0xfc)) >>> 0);
    const port = PCI_CONFIGURATION_DATA_PORT + (offset & 3);
    let value: number;
    if (width === 0) value = ports.read8(port);
    else value = width === 1 ? ports.read16(port) : ports.read32(port);
    // As the firmware had it.
    ports.write32(PCI_CONFIGURATION_ADDRESS_PORT, this.#selected);
    return value;
  }
}
