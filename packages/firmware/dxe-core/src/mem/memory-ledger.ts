import type { PhysicalAddress } from '@dxelab/uefi';

/** Memory that an image has allocated and not freed. */
export interface HeldMemory {
  readonly image: string;
  readonly address: PhysicalAddress;
  /** In bytes. */
  readonly length: number;
}

/** Whose the memory is that is out: what a report of leaks needs. */
export class MemoryLedger {
  readonly #held = new Map<PhysicalAddress, HeldMemory>();

  /** In the order of allocation. */
  held(): readonly HeldMemory[] {
    return [...this.#held.values()];
  }

  allocated(image: string, address: PhysicalAddress, length: number): void {
    this.#held.set(address, { image, address, length });
  }

  /** A block of the pool, which is freed whole. */
  freedBlock(address: PhysicalAddress): void {
    this.#held.delete(address);
  }

  /** Pages, which can be freed in other portions than they were allocated in. */
  freedPages(address: PhysicalAddress, length: number): void {
    const whole = this.#held.get(address);
    if (whole?.length === length) {
      this.#held.delete(address);
      return;
    }
    const end = address + length;
    for (const one of this.held()) {
      const oneEnd = one.address + one.length;
      if (oneEnd <= address || one.address >= end) continue;
      this.#held.delete(one.address);
      if (one.address < address) this.allocated(one.image, one.address, address - one.address);
      if (oneEnd > end) this.allocated(one.image, end, oneEnd - end);
    }
  }
}
