import { MachineSetupError, Region } from '@dxelab/emulated-machine';
import type { MachineBus, RegionHandler } from '@dxelab/emulated-machine';
import { PCI_BASE_ADDRESSREG_OFFSET } from '@dxelab/pci';
import type { ConfigSpace } from './config-space.ts';
import type { AddressRange, PciUpstream } from './pci-upstream.ts';

/** What a function wants to have mapped (PCI Local Bus 3.0 §6.2.5.1). */
export interface PciBarOptions {
  /** `mem64` takes two registers. */
  readonly kind: 'io' | 'mem32' | 'mem64';
  /** In bytes, a power of two: 4 to 256 for I/O, at least 16 for memory. */
  readonly size: number;
  /** Reads have no effect and writes may be merged; memory only. */
  readonly prefetchable?: boolean;
  /** Who answers behind it. */
  readonly handler: RegionHandler;
}

const IO_INDICATOR = 0x1;
const MEMORY_64_BIT = 0x4;
const PREFETCHABLE = 0x8;
const IO_SPACE_SIZE = 0x1_0000;
const FOUR_GIB = 0x1_0000_0000;

/** One base address register, or two for 64 bits, and the regions that it maps at the moment. */
export class PciBar {
  /** Of its (first) register: 0 to 5. */
  readonly index: number;
  readonly options: PciBarOptions;
  readonly #name: string;
  readonly #config: ConfigSpace;
  #regions: Region[] = [];

  /**
   * @param name as the regions are called in traces
   * @throws MachineSetupError if the size cannot be expressed
   */
  constructor(name: string, index: number, options: PciBarOptions, config: ConfigSpace) {
    const { kind, size } = options;
    const [smallest, largest] =
      kind === 'io' ? [4, 256] : [16, kind === 'mem32' ? 2 ** 31 : 2 ** 40];
    if (!Number.isInteger(Math.log2(size)) || size < smallest || size > largest) {
      throw new MachineSetupError(
        `${name}: a BAR of kind ${kind} is a power of two from ${smallest} to ${largest}, not ${size}`,
      );
    }
    this.index = index;
    this.options = options;
    this.#name = name;
    this.#config = config;
    const flags =
      kind === 'io'
        ? IO_INDICATOR
        : (kind === 'mem64' ? MEMORY_64_BIT : 0) |
          (options.prefetchable === true ? PREFETCHABLE : 0);
    // Sizing: the bits below the size are hard-wired to 0, so that writing ones reads back the size.
    const mask = -size;
    config.set(this.#register, 4, flags);
    config.setWritable(this.#register, 4, size >= FOUR_GIB ? 0 : mask);
    if (kind === 'mem64') config.setWritable(this.#register + 4, 4, Math.floor(mask / FOUR_GIB));
  }

  /** How many registers it takes. */
  get registers(): number {
    return this.options.kind === 'mem64' ? 2 : 1;
  }

  get space(): 'io' | 'memory' {
    return this.options.kind === 'io' ? 'io' : 'memory';
  }

  /**
   * Where the registers place it, if that is a place at all. As on QEMU address 0 is none, and what ends
   * with the last address of the space is none: software sizes with that value.
   */
  get base(): number | undefined {
    const { kind, size } = this.options;
    const low = this.#config.get(this.#register, 4);
    const high = kind === 'mem64' ? this.#config.get(this.#register + 4, 4) : 0;
    const base = high * FOUR_GIB + low - (low % (kind === 'io' ? 4 : 16));
    const limit = kind === 'io' ? IO_SPACE_SIZE : kind === 'mem32' ? FOUR_GIB : 2 ** 53;
    return base > 0 && base + size < limit ? base : undefined;
  }

  /** Maps what can be seen of it now. @param decoded whether the command register lets it answer */
  remap(bus: MachineBus, upstream: PciUpstream, decoded: boolean): void {
    const { size, handler } = this.options;
    const base = decoded ? this.base : undefined;
    const seen = base === undefined ? [] : upstream.pass(this.space, { base, size });
    if (this.#isMappedAs(seen)) return;
    const map = this.space === 'io' ? bus.ports : bus.mmio;
    for (const region of this.#regions) {
      map.remove(region);
      bus.trace?.('pci_update_mappings_del', this.#traced(region));
    }
    this.#regions = seen.map(
      (part) => new Region(this.#name, part.base, part.size, handler, part.base - (base ?? 0)),
    );
    for (const region of this.#regions) {
      map.add(region);
      bus.trace?.('pci_update_mappings_add', this.#traced(region));
    }
  }

  get #register(): number {
    return PCI_BASE_ADDRESSREG_OFFSET + 4 * this.index;
  }

  /** Places of a BAR do not overlap, so that a part says of which place it is. */
  #isMappedAs(parts: readonly AddressRange[]): boolean {
    return (
      parts.length === this.#regions.length &&
      this.#regions.every(
        ({ base, size }, index) => parts[index]?.base === base && parts[index].size === size,
      )
    );
  }

  #traced({ base, size }: Region): { region: string; bar: number; address: number; size: number } {
    return { region: this.#name, bar: this.index, address: base, size };
  }
}
