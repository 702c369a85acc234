import { DescriptorChain } from './descriptor-chain.ts';

/** The chains of a queue: one that is reused from `pop` to `pop`, and those that a device answers later. */
export class KeptChains {
  /** For the next `pop`. */
  spare: DescriptorChain = new DescriptorChain();
  private readonly kept = new Set<DescriptorChain>();

  get count(): number {
    return this.kept.size;
  }

  /** The spare one is kept: another takes its place. */
  keep(chain: DescriptorChain): void {
    this.kept.add(chain);
    this.spare = new DescriptorChain();
  }

  /** @returns false if it was not kept */
  release(chain: DescriptorChain): boolean {
    return this.kept.delete(chain);
  }

  /** A reset: whoever still has one of them can reach no memory through it. */
  revoke(): void {
    for (const chain of this.kept) chain.begin(0);
    this.kept.clear();
  }
}
