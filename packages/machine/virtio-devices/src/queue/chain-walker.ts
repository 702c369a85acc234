import type { Dma } from '@dxelab/emulated-machine';
import { uint64 } from '@dxelab/platform';
import type { DeviceAddress } from '@dxelab/uefi';
import { ChainBuilder } from './chain-builder.ts';
import type { ChainRules } from './chain-builder.ts';
import type { DescriptorChain } from './descriptor-chain.ts';
import type { QueueFault } from './queue-fault.ts';
import { queueFault } from './queue-fault.ts';
import { RingArea } from './ring-area.ts';
import type { RingFeatures } from './virtqueue.ts';

// A descriptor and its flags (virtio §2.7.5), local because imported constants are slow.
const DESC_SIZE = 16;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

const RULES: ChainRules = {
  memory: '2.7.5',
  order: '2.7.4.2',
  total: '2.7.5.2',
  table: '2.7.5.3',
};

/** Follows the descriptors of a split ring through guest memory, where a driver may have written anything. */
export class ChainWalker {
  private readonly features: RingFeatures;
  private readonly remark: (fault: QueueFault) => void;
  private readonly builder: ChainBuilder;
  /** The indirect table of the chain that is being walked. */
  private readonly indirect = new RingArea();

  /** @param remark told of what is odd and not fatal */
  constructor(dma: Dma, features: RingFeatures, remark: (fault: QueueFault) => void) {
    this.features = features;
    this.remark = remark;
    this.builder = new ChainBuilder(dma, RULES, remark);
  }

  /**
   * Fills `chain` with what the descriptors from `head` on describe. It ends on every input: at most
   * `size` descriptors, and one indirect table.
   * @param table the descriptor table, located, of `size` entries
   * @param head below `size`
   * @returns the rule that the chain breaks, if it does; `chain` is then of no use
   */
  walk(
    chain: DescriptorChain,
    table: RingArea,
    size: number,
    head: number,
  ): QueueFault | undefined {
    chain.begin(head);
    let { view, offset } = table;
    let entries = size;
    let index = head;
    let slots = 0;
    let nested = false;
    for (let left = size; ;) {
      const at = offset + DESC_SIZE * index;
      const address = uint64(view.getUint32(at, true), view.getUint32(at + 4, true));
      const length = view.getUint32(at + 8, true);
      const flags = view.getUint16(at + 12, true);
      if (!nested) slots++;
      if ((flags & INDIRECT) === 0) {
        if (left-- === 0) {
          // In the table itself that can only be a loop; an indirect table may just be too long.
          const message = `a chain of more than ${size} descriptors`;
          return queueFault(nested ? '2.7.5.3.1' : '2.7.5.2', message, { size });
        }
        const fault = this.builder.add(chain, address, length, (flags & WRITE) !== 0);
        if (fault !== undefined) return fault;
        if ((flags & NEXT) === 0) {
          chain.slots = slots;
          return undefined;
        }
        const next = view.getUint16(at + 14, true);
        if (next >= entries) {
          const message = `next is ${next}, and the table has ${entries} descriptors`;
          return queueFault('2.7.5', message, { next, entries });
        }
        if (this.features.inOrder && !nested) this.checkOrder(index, next, size);
        index = next;
      } else {
        const fault = this.enterIndirect(address, length, flags, nested);
        if (fault !== undefined) return fault;
        ({ view, offset } = this.indirect);
        entries = length / DESC_SIZE;
        index = 0;
        nested = true;
      }
    }
  }

  /** With VIRTIO_F_IN_ORDER a chain lies in the table as it is linked (virtio §2.7.5.2). */
  private checkOrder(index: number, next: number, size: number): void {
    const wanted = index + 1 === size ? 0 : index + 1;
    if (next === wanted) return;
    const message = `next of descriptor ${index} is ${next}: ${wanted}, in order`;
    this.remark(queueFault('2.7.5.2', message, { index, next }));
  }

  /** Checks a descriptor that refers to an indirect table, and locates that. */
  private enterIndirect(
    address: DeviceAddress,
    length: number,
    flags: number,
    nested: boolean,
  ): QueueFault | undefined {
    if (!this.features.indirect) {
      const message = 'an indirect descriptor, but VIRTIO_F_INDIRECT_DESC was not negotiated';
      return queueFault('2.7.5.3.1', message, { flags });
    }
    if (nested) {
      return queueFault('2.7.5.3.1', 'an indirect descriptor within an indirect table', { flags });
    }
    if ((flags & NEXT) !== 0) {
      return queueFault('2.7.5.3.1', 'a descriptor with both INDIRECT and NEXT', { flags });
    }
    return this.builder.locateTable(this.indirect, address, length);
  }
}
