import type { Dma } from '@dxelab/emulated-machine';
import type { DeviceAddress } from '@dxelab/uefi';
import { VRING_DESC_SIZE } from '@dxelab/virtio';
import type { DescriptorChain } from './descriptor-chain.ts';
import type { QueueFault } from './queue-fault.ts';
import { queueFault } from './queue-fault.ts';
import type { RingArea } from './ring-area.ts';

/** Where the specification says what a descriptor must be: each kind of ring has sections of its own. */
export interface ChainRules {
  /** Address and length of a descriptor. */
  readonly memory: string;
  /** Readable descriptors come first. */
  readonly order: string;
  /** How long a chain may be in bytes. */
  readonly total: string;
  /** What an indirect table is. */
  readonly table: string;
}

/** "Drivers MUST NOT add a descriptor chain longer than 2^32 bytes in total" (virtio §2.7.5.2). */
const MAX_CHAIN_BYTES = 0x1_0000_0000;
const SMALL = 0x4000_0000;

/** Adds descriptors to a chain, and says which rule one breaks. */
export class ChainBuilder {
  private readonly dma: Dma;
  private readonly rules: ChainRules;
  private readonly remark: (fault: QueueFault) => void;

  /** @param remark told of what is odd and not fatal */
  constructor(dma: Dma, rules: ChainRules, remark: (fault: QueueFault) => void) {
    this.dma = dma;
    this.rules = rules;
    this.remark = remark;
  }

  /** @returns the rule that the descriptor breaks, if it does; it was not added then */
  add(
    chain: DescriptorChain,
    address: DeviceAddress,
    length: number,
    writable: boolean,
  ): QueueFault | undefined {
    const total = chain.readableLength + chain.writableLength + length;
    const inOrder = writable || chain.writableLength === 0;
    // What is no small integer is compared as a double, and nearly every chain is small.
    if (inOrder && length > 0 && (total < SMALL || total <= MAX_CHAIN_BYTES)) {
      if (chain.add(this.dma, address, length, writable)) return undefined;
    }
    return this.explain(inOrder, address, length, total);
  }

  /** Finds an indirect table. @returns the rule that it breaks, if it does */
  locateTable(table: RingArea, address: DeviceAddress, length: number): QueueFault | undefined {
    if (length === 0 || length % VRING_DESC_SIZE !== 0) {
      const message = `an indirect table of ${length} bytes: it holds descriptors of ${VRING_DESC_SIZE}`;
      return queueFault(this.rules.table, message, { length });
    }
    if (!table.locate(this.dma, address, length)) {
      const message = 'an indirect table in memory that the device cannot reach';
      return queueFault(this.rules.table, message, { address, length });
    }
    return undefined;
  }

  /** Why a descriptor was not added; apart, to keep what is hot small. */
  private explain(
    inOrder: boolean,
    address: DeviceAddress,
    length: number,
    total: number,
  ): QueueFault | undefined {
    const { rules } = this;
    if (!inOrder) {
      const message = 'a device-readable descriptor behind a device-writable one';
      return queueFault(rules.order, message, { address, length });
    }
    if (total > MAX_CHAIN_BYTES) {
      return queueFault(rules.total, 'a chain of more than 2^32 bytes', { address, length });
    }
    if (length > 0) {
      const message = 'a descriptor of memory that the device cannot reach';
      return queueFault(rules.memory, message, { address, length });
    }
    // No section forbids it, so that it is passed over; but QEMU stops the device.
    const message = 'a descriptor of no bytes: some devices refuse it';
    this.remark(queueFault(rules.memory, message, { address }));
    return undefined;
  }
}
