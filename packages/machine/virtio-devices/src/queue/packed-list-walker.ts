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

// Fields and flags of a descriptor (virtio §2.8.13, §2.8.1), local because imported constants are slow.
const DESC_SIZE = 16;
const LENGTH = 8;
const ID = 12;
const FLAGS = 14;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
const AVAIL_AND_USED = 0x8080;

const RULES: ChainRules = {
  memory: '2.8.4',
  order: '2.8.17',
  // No section says so of packed rings; but the used length has 32 bits here, too.
  total: '2.8.4',
  table: '2.8.7',
};

/** Follows the descriptors of a packed ring, where a driver may have written anything. */
export class PackedListWalker {
  private readonly features: RingFeatures;
  private readonly remark: (fault: QueueFault) => void;
  private readonly builder: ChainBuilder;
  /** The indirect table of the list that is being walked. */
  private readonly indirect = new RingArea();

  /** @param remark told of what is odd and not fatal */
  constructor(dma: Dma, features: RingFeatures, remark: (fault: QueueFault) => void) {
    this.features = features;
    this.remark = remark;
    this.builder = new ChainBuilder(dma, RULES, remark);
  }

  /**
   * Fills `chain` with the list that begins at descriptor `first` of the ring; its buffer id is in the
   * last one (virtio §2.8.6). It ends on every input: at most `room` descriptors, and one indirect table.
   * @param ring located, of `size` descriptors
   * @param room how many descriptors the driver has: the others are still the device's
   * @param available what AVAIL and USED are in a descriptor that is available in this lap
   * @returns the rule that the list breaks, if it does; `chain` is then of no use
   */
  walk(
    chain: DescriptorChain,
    ring: RingArea,
    size: number,
    first: number,
    room: number,
    available: number,
  ): QueueFault | undefined {
    chain.begin(0);
    const { view, offset } = ring;
    let lap = available;
    let index = first;
    for (let slots = 1; ; slots++) {
      if (slots > room) return refuseLength(size, room);
      const at = offset + DESC_SIZE * index;
      const idAndFlags = view.getUint32(at + ID, true);
      const flags = idAndFlags >>> 16;
      if ((flags & AVAIL_AND_USED) !== lap) return refusePartial(index, flags);
      const address = uint64(view.getUint32(at, true), view.getUint32(at + 4, true));
      const length = view.getUint32(at + LENGTH, true);
      const fault =
        (flags & INDIRECT) === 0
          ? this.builder.add(chain, address, length, (flags & WRITE) !== 0)
          : this.walkTable(chain, size, address, length, slots > 1 || (flags & NEXT) !== 0);
      if (fault !== undefined) return fault;
      if ((flags & NEXT) === 0) {
        chain.head = idAndFlags & 0xffff;
        chain.slots = slots;
        return undefined;
      }
      if (++index >= size) {
        index = 0;
        lap ^= AVAIL_AND_USED;
      }
    }
  }

  /** An indirect table is read from its beginning to its end (virtio §2.8.7). */
  private walkTable(
    chain: DescriptorChain,
    size: number,
    address: DeviceAddress,
    length: number,
    linked: boolean,
  ): QueueFault | undefined {
    const fault =
      this.refuseIndirect(linked) ?? this.builder.locateTable(this.indirect, address, length);
    if (fault !== undefined) return fault;
    if (length > DESC_SIZE * size) {
      const message = `an indirect table of ${length / DESC_SIZE} descriptors: up to ${size}`;
      return queueFault('2.8.19', message, { length, size });
    }
    const { view, offset } = this.indirect;
    let others = 0;
    for (let at = offset; at < offset + length; at += DESC_SIZE) {
      const flags = view.getUint16(at + FLAGS, true);
      others |= flags & ~WRITE;
      const begin = uint64(view.getUint32(at, true), view.getUint32(at + 4, true));
      const bytes = view.getUint32(at + LENGTH, true);
      const broken = this.builder.add(chain, begin, bytes, (flags & WRITE) !== 0);
      if (broken !== undefined) return broken;
    }
    if (others !== 0) {
      const message = `flags 0x${others.toString(16)} in an indirect table: WRITE alone`;
      this.remark(queueFault('2.8.19', message, { flags: others }));
    }
    return undefined;
  }

  private refuseIndirect(linked: boolean): QueueFault | undefined {
    if (!this.features.indirect) {
      const message = 'an indirect descriptor, but VIRTIO_F_INDIRECT_DESC was not negotiated';
      return queueFault('2.8.19', message, {});
    }
    if (linked) return queueFault('2.8.19', 'an indirect descriptor in a list with NEXT', {});
    return undefined;
  }
}

function refuseLength(size: number, room: number): QueueFault {
  const message =
    room === size
      ? `a list of more than ${size} descriptors`
      : `a list of more than ${room} descriptors, and the device has the others of ${size}`;
  return queueFault('2.8.17', message, { size, room });
}

function refusePartial(index: number, flags: number): QueueFault {
  const message = `descriptor ${index} belongs to a list that was made available before it (flags 0x${flags.toString(16)})`;
  return queueFault('2.8.17', message, { index, flags });
}
