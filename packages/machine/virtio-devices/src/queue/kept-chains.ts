import { DescriptorChain } from './descriptor-chain.ts';

/** The chains of a queue: one that is reused from `pop` to `pop`, and those that a device answers later. */
export class KeptChains {
  /** For the next `pop`. */
  spare: DescriptorChain = new DescriptorChain();
  /** How many are answered later: asked for each chain, and 0 for most devices. */
  count = 0;
  private readonly kept = new Set<DescriptorChain>();
  /** How many of them have the same head. */
  private readonly heads = new Map<number, number>();

  /** The spare one is kept: another takes its place. */
  keep(chain: DescriptorChain): void {
    this.kept.add(chain);
    this.count = this.kept.size;
    this.heads.set(chain.head, 1 + (this.heads.get(chain.head) ?? 0));
    this.spare = new DescriptorChain();
  }

  /** @returns false if it was not kept */
  release(chain: DescriptorChain): boolean {
    if (!this.kept.delete(chain)) return false;
    this.count = this.kept.size;
    this.heads.set(chain.head, (this.heads.get(chain.head) ?? 0) - 1);
    return true;
  }

  /** Whether one with this head is answered later. */
  has(head: number): boolean {
    return (this.heads.get(head) ?? 0) > 0;
  }

  /** A reset: whoever still has one of them can reach no memory through it. */
  revoke(): void {
    for (const chain of this.kept) chain.begin(0);
    this.kept.clear();
    this.heads.clear();
    this.count = 0;
  }
}
