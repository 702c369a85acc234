import type { AvailableChain, UsedChain } from './ring.ts';

interface Chain {
  readonly id: number;
  /** Descriptors of the ring. */
  readonly slots: number;
  /** How much the device may write, in bytes. */
  readonly writable: number;
}

/** What a device has of a ring, in the order in which it was made available. */
export class ChainsInFlight {
  readonly #inOrder: boolean;
  readonly #chains: Chain[] = [];
  /** Descriptors of all of them. */
  slots = 0;

  /** @param inOrder whether one used element may stand for a batch (virtio §2.7.9, §2.8.9) */
  constructor(inOrder: boolean) {
    this.#inOrder = inOrder;
  }

  get count(): number {
    return this.#chains.length;
  }

  /** @param slots how many descriptors of the ring it has */
  add({ id, segments }: AvailableChain, slots: number): void {
    const writable = segments
      .filter((segment) => segment.writable)
      .reduce((sum, { length }) => sum + length, 0);
    this.#chains.push({ id, slots, writable });
    this.slots += slots;
  }

  /** What a used element stands for: the chain of its id, and in order all before it. */
  use(
    id: number,
    length: number,
  ): { readonly chains: readonly UsedChain[]; readonly slots: number } {
    const at = this.#chains.findIndex((chain) => chain.id === id);
    if (at < 0) return { chains: [{ id, length }], slots: 0 };
    const first = this.#inOrder ? 0 : at;
    const batch = this.#chains.splice(first, at - first + 1);
    const slots = batch.reduce((sum, chain) => sum + chain.slots, 0);
    this.slots -= slots;
    const chains = batch.map((chain, index) => ({
      id: chain.id,
      // those that are skipped are used in full
      length: index === batch.length - 1 ? length : chain.writable,
    }));
    return { chains, slots };
  }
}
