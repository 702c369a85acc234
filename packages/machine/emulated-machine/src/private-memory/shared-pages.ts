import type { LocalRam, RamRange } from '@dxelab/platform';

/** In bytes. */
export const PAGE = 0x1000;
/** What is found in a page that has changed hands: neither what was there, nor zeros to be taken for it. */
const LOST = 0xa5;

interface SharedRange extends RamRange {
  /** 1 for each page that is shared. */
  readonly shared: Uint8Array;
}

/** Which pages of RAM the CPU has shared with devices: none, to begin with. */
export class SharedPages {
  readonly #ranges: readonly SharedRange[];

  constructor(ram: LocalRam) {
    this.#ranges = ram.ranges.map(({ base, bytes }) => ({
      base,
      bytes,
      shared: new Uint8Array(Math.ceil(bytes.length / PAGE)),
    }));
  }

  /**
   * Shares pages, or makes them private. What was in those that change is lost.
   * @param address of the first page
   * @returns false if they are no pages of one range of RAM: then nothing has changed
   */
  change(address: number, pages: number, shared: boolean): boolean {
    const range = this.#rangeAt(address);
    if (range === undefined || pages < 1 || (address - range.base) % PAGE !== 0) return false;
    const first = (address - range.base) / PAGE;
    if (first + pages > range.shared.length) return false;
    const value = shared ? 1 : 0;
    for (let page = first; page < first + pages; page++) {
      if (range.shared[page] === value) continue;
      range.shared[page] = value;
      range.bytes.fill(LOST, page * PAGE, (page + 1) * PAGE);
    }
    return true;
  }

  /** The first address of `[address, address + length)`, all of it RAM, that lies in a private page. */
  firstPrivate(address: number, length: number): number | undefined {
    const range = this.#rangeAt(address);
    if (range === undefined) return address;
    const offset = address - range.base;
    const last = Math.floor((offset + Math.max(length, 1) - 1) / PAGE);
    for (let page = Math.floor(offset / PAGE); page <= last; page++) {
      if (range.shared[page] !== 1) return Math.max(address, range.base + page * PAGE);
    }
    return undefined;
  }

  /** Every page is private again: the state after power-on. */
  reset(): void {
    for (const { shared } of this.#ranges) shared.fill(0);
  }

  #rangeAt(address: number): SharedRange | undefined {
    for (const range of this.#ranges) {
      if (address >= range.base && address < range.base + range.bytes.length) return range;
    }
    return undefined;
  }
}
