import type { Dma } from '@dxelab/emulated-machine';
import { uint64 } from '@dxelab/platform';
import type { DeviceAddress } from '@dxelab/uefi';
import { VRING_DESC_SIZE } from '@dxelab/virtio';
import type { DescriptorChain } from './descriptor-chain.ts';
import type { QueueFault } from './queue-fault.ts';
import { queueFault } from './queue-fault.ts';
import { RingArea } from './ring-area.ts';

// Flags of a descriptor (virtio §2.7.5), local because imported constants are slow under Vitest.
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

/** "Drivers MUST NOT add a descriptor chain longer than 2^32 bytes in total" (virtio §2.7.5.2). */
const MAX_CHAIN_BYTES = 0x1_0000_0000;

/** Follows descriptors through guest memory, where a driver may have written anything. */
export class ChainWalker {
  private readonly dma: Dma;
  private readonly remark: (fault: QueueFault) => void;
  /** The indirect table of the chain that is being walked. */
  private readonly indirect = new RingArea();

  /** @param remark told of what is odd and not fatal */
  constructor(dma: Dma, remark: (fault: QueueFault) => void) {
    this.dma = dma;
    this.remark = remark;
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
    indirectAllowed: boolean,
  ): QueueFault | undefined {
    chain.begin(head);
    let { view, offset } = table;
    let entries = size;
    let index = head;
    let nested = false;
    for (let left = size; ;) {
      const at = offset + VRING_DESC_SIZE * index;
      const address = uint64(view.getUint32(at, true), view.getUint32(at + 4, true));
      const length = view.getUint32(at + 8, true);
      const flags = view.getUint16(at + 12, true);
      if ((flags & INDIRECT) === 0) {
        if (left-- === 0) {
          // In the table itself that can only be a loop; an indirect table may just be too long.
          const message = `a chain of more than ${size} descriptors`;
          return queueFault(nested ? '2.7.5.3.1' : '2.7.5.2', message, { size });
        }
        const fault = this.add(chain, address, length, (flags & WRITE) !== 0);
        if (fault !== undefined) return fault;
        if ((flags & NEXT) === 0) return undefined;
        index = view.getUint16(at + 14, true);
        if (index >= entries) {
          const message = `next is ${index}, and the table has ${entries} descriptors`;
          return queueFault('2.7.5', message, { next: index, entries });
        }
      } else {
        const fault = this.checkIndirect(address, length, flags, nested, indirectAllowed);
        if (fault !== undefined) return fault;
        ({ view, offset } = this.indirect);
        entries = length / VRING_DESC_SIZE;
        index = 0;
        nested = true;
      }
    }
  }

  private add(
    chain: DescriptorChain,
    address: DeviceAddress,
    length: number,
    writable: boolean,
  ): QueueFault | undefined {
    const total = chain.readableLength + chain.writableLength + length;
    const inOrder = writable || chain.writableLength === 0;
    if (inOrder && length > 0 && total <= MAX_CHAIN_BYTES) {
      if (chain.add(this.dma, address, length, writable)) return undefined;
    }
    return this.explain(inOrder, address, length, total);
  }

  /** Why a descriptor was not added; apart, to keep what is hot small. */
  private explain(
    inOrder: boolean,
    address: DeviceAddress,
    length: number,
    total: number,
  ): QueueFault | undefined {
    if (!inOrder) {
      const message = 'a device-readable descriptor behind a device-writable one';
      return queueFault('2.7.4.2', message, { address, length });
    }
    if (total > MAX_CHAIN_BYTES) {
      return queueFault('2.7.5.2', 'a chain of more than 2^32 bytes', { address, length });
    }
    if (length > 0) {
      const message = 'a descriptor of memory that the device cannot reach';
      return queueFault('2.7.5', message, { address, length });
    }
    // No section forbids it, so that it is passed over; but QEMU stops the device.
    const message = 'a descriptor of no bytes: some devices refuse it';
    this.remark(queueFault('2.7.5', message, { address }));
    return undefined;
  }

  /** Checks a descriptor that refers to an indirect table, and locates that. */
  private checkIndirect(
    address: DeviceAddress,
    length: number,
    flags: number,
    nested: boolean,
    allowed: boolean,
  ): QueueFault | undefined {
    if (!allowed) {
      const message = 'an indirect descriptor, but VIRTIO_F_INDIRECT_DESC was not negotiated';
      return queueFault('2.7.5.3.1', message, { flags });
    }
    if (nested) {
      return queueFault('2.7.5.3.1', 'an indirect descriptor within an indirect table', { flags });
    }
    if ((flags & NEXT) !== 0) {
      return queueFault('2.7.5.3.1', 'a descriptor with both INDIRECT and NEXT', { flags });
    }
    if (length === 0 || length % VRING_DESC_SIZE !== 0) {
      const message = `an indirect table of ${length} bytes: it holds descriptors of ${VRING_DESC_SIZE}`;
      return queueFault('2.7.5.3', message, { length });
    }
    if (!this.indirect.locate(this.dma, address, length)) {
      const message = 'an indirect table in memory that the device cannot reach';
      return queueFault('2.7.5.3', message, { address, length });
    }
    return undefined;
  }
}
