import type { LocalRam, RamRange } from '@dxelab/platform';
import type { DeviceAddress } from '@dxelab/uefi';
import type { DmaRefusal, DmaSpace } from '../dma.ts';
import type { SharedPages } from './shared-pages.ts';

/** What devices reach of private memory: the pages that were shared, at their physical addresses. */
export class PrivateDmaSpace implements DmaSpace {
  /** Every transaction is looked at. */
  readonly window = undefined;
  readonly #ram: LocalRam;
  readonly #pages: SharedPages;

  constructor(ram: LocalRam, pages: SharedPages) {
    this.#ram = ram;
    this.#pages = pages;
  }

  find(address: DeviceAddress, length: number): RamRange | undefined {
    const physical: number = address;
    const range = this.#ram.find(physical, length);
    if (range === undefined) return undefined;
    return this.#pages.firstPrivate(physical, length) === undefined ? range : undefined;
  }

  refusal(address: DeviceAddress, length: number): DmaRefusal | undefined {
    const physical: number = address;
    if (this.#ram.find(physical, length) === undefined) return undefined;
    const at = this.#pages.firstPrivate(physical, length) ?? physical;
    return {
      rule: 'machine dma-to-private-memory',
      problem: `reaches private memory at 0x${at.toString(16)}: no page there was shared`,
    };
  }
}
