import type { Dma } from '@dxelab/emulated-machine';
import type { DescriptorChain } from './descriptor-chain.ts';
import { KeptChains } from './kept-chains.ts';
import { PackedListWalker } from './packed-list-walker.ts';
import { queueFault } from './queue-fault.ts';
import { checkAlignment, locatePart } from './queue-parts.ts';
import { RingArea } from './ring-area.ts';
import type { QueueAddresses, QueueOwner, RingFeatures, Virtqueue } from './virtqueue.ts';

// Descriptors, their flags, and event suppression structures (virtio §2.8.1, §2.8.13, §2.8.14); local
// because imported constants are slow under Vitest.
const DESC_SIZE = 16;
const LENGTH = 8;
const ID = 12;
const FLAGS = 14;
const NEXT = 1;
const WRITE = 2;
const AVAIL = 0x0080;
const AVAIL_AND_USED = 0x8080;
const EVENT_SIZE = 4;
const EVENT_FLAGS = 2;
const ENABLE = 0;
const DISABLE = 1;
const ONE_DESCRIPTOR = 2;
const WRAP = 0x8000;

/** A packed virtqueue, seen from the device (virtio §2.8). Its wrap counters are kept as the flags that they mean. */
export class PackedVirtqueue implements Virtqueue {
  readonly packed = true;
  size = 0;
  /** Where the next list is taken from the driver. */
  nextAvail = 0;
  /** Where the next used descriptor goes. */
  nextUsed = 0;
  /** AVAIL and USED of what is available at `nextAvail`: AVAIL alone while the wrap counter is 1. */
  private available = AVAIL;
  /** AVAIL and USED of what is used at `nextUsed`: both while the wrap counter is 1. */
  private used = AVAIL_AND_USED;
  /** How many descriptors the device has: of lists that were taken and not given back. */
  private taken = 0;
  /** The first used descriptor of a batch is written last; -1 if there is none (virtio §2.8.9). */
  private firstAt = -1;
  private firstFlags = 0;
  /** How many descriptors were given back since the driver was last asked whether it wants a notification. */
  private fresh = 0;
  private readonly dma: Dma;
  private readonly walker: PackedListWalker;
  private readonly features: RingFeatures;
  private readonly owner: QueueOwner;
  private readonly desc = new RingArea();
  private readonly driver = new RingArea();
  private readonly device = new RingArea();
  private readonly chains = new KeptChains();
  private addresses: QueueAddresses = { desc: 0, driver: 0, device: 0 };

  /** @param features as they are now: they may be negotiated after the queue was made */
  constructor(dma: Dma, features: RingFeatures, owner: QueueOwner) {
    this.dma = dma;
    this.features = features;
    this.owner = owner;
    this.walker = new PackedListWalker(dma, features, (fault) => owner.remark(fault));
  }

  get pending(): number {
    return this.chains.count;
  }

  get position(): number {
    return this.nextAvail | (this.available === AVAIL ? WRAP : 0);
  }

  start(size: number, addresses: QueueAddresses): void {
    this.stop();
    this.size = size;
    this.addresses = addresses;
    checkAlignment(this.owner, '2.8.11', 'descriptor ring', addresses.desc, 16);
    checkAlignment(this.owner, '2.8.11', 'driver event suppression', addresses.driver, 4);
    checkAlignment(this.owner, '2.8.11', 'device event suppression', addresses.device, 4);
  }

  stop(): void {
    this.chains.revoke();
    this.size = 0;
    this.nextAvail = 0;
    this.nextUsed = 0;
    this.available = AVAIL;
    this.used = AVAIL_AND_USED;
    this.taken = 0;
    this.firstAt = -1;
    this.fresh = 0;
  }

  locate(): boolean {
    const { dma, owner } = this;
    const { desc, driver, device } = this.addresses;
    const length = DESC_SIZE * this.size;
    return (
      locatePart(this.desc, dma, owner, '2.8', 'descriptor ring', desc, length) &&
      locatePart(this.driver, dma, owner, '2.8', 'driver event suppression', driver, EVENT_SIZE) &&
      locatePart(this.device, dma, owner, '2.8', 'device event suppression', device, EVENT_SIZE)
    );
  }

  unnoticed(): number {
    if (!this.dma.enabled) return 0;
    let lists = 0;
    let { nextAvail: index, available } = this;
    for (let left = this.size - this.taken; left > 0; left--) {
      const flags = this.dma.readUint16(this.addresses.desc + DESC_SIZE * index + FLAGS);
      if ((flags & AVAIL_AND_USED) !== available) break;
      if ((flags & NEXT) === 0) lists++;
      if (++index >= this.size) {
        index = 0;
        available ^= AVAIL_AND_USED;
      }
    }
    return lists;
  }

  pop(): DescriptorChain | undefined {
    if (!this.hasNext()) return undefined;
    // the flags before what they stand for
    this.dma.barrier();
    const chain = this.chains.spare;
    const { size, nextAvail, available } = this;
    const room = size - this.taken;
    const fault = this.walker.walk(chain, this.desc, size, nextAvail, room, available);
    if (fault !== undefined) {
      chain.begin(0);
      this.owner.fault(fault);
      return undefined;
    }
    this.taken += chain.slots;
    this.nextAvail += chain.slots;
    if (this.nextAvail >= size) {
      this.nextAvail -= size;
      this.available ^= AVAIL_AND_USED;
    }
    return chain;
  }

  keep(chain: DescriptorChain): void {
    this.chains.keep(chain);
  }

  release(chain: DescriptorChain): boolean {
    return this.chains.release(chain);
  }

  /** Id and length first; the flags, which say that they are valid, last (virtio §2.8.15). */
  push(id: number, written: number, slots: number): void {
    const { view, offset } = this.desc;
    const at = offset + DESC_SIZE * this.nextUsed;
    view.setUint16(at + ID, id, true);
    view.setUint32(at + LENGTH, written, true);
    this.dma.barrier();
    view.setUint16(at + FLAGS, written > 0 ? this.used | WRITE : this.used, true);
    this.advance(slots);
  }

  fill(id: number, written: number, _chains: number, slots: number): void {
    const { view, offset } = this.desc;
    const at = offset + DESC_SIZE * this.nextUsed;
    view.setUint16(at + ID, id, true);
    view.setUint32(at + LENGTH, written, true);
    const flags = written > 0 ? this.used | WRITE : this.used;
    if (this.firstAt < 0) {
      this.firstAt = at;
      this.firstFlags = flags;
    } else view.setUint16(at + FLAGS, flags, true);
    this.advance(slots);
  }

  publish(): void {
    if (this.firstAt < 0) return;
    this.dma.barrier();
    this.desc.view.setUint16(this.firstAt + FLAGS, this.firstFlags, true);
    this.firstAt = -1;
  }

  /** What the driver event suppression structure says (virtio §2.8.10). */
  wantsNotification(): boolean {
    const { view, offset } = this.driver;
    const { fresh } = this;
    this.fresh = 0;
    // the descriptors before the look at what the driver wants: else both sides could wait (§2.8.10)
    this.dma.barrier();
    const flags = view.getUint16(offset + EVENT_FLAGS, true);
    switch (flags) {
      case ENABLE:
        return true;
      case DISABLE:
        return false;
      default:
        if (flags !== ONE_DESCRIPTOR || !this.features.eventIdx) return this.remarkFlags(flags);
        // the flags before the place that they speak of
        this.dma.barrier();
        return this.hasPassed(view.getUint16(offset, true), fresh);
    }
  }

  /** With the next descriptor, if the driver can be told of one; otherwise of every one. */
  askForNotification(): boolean {
    const { view, offset } = this.device;
    if (this.features.eventIdx) {
      view.setUint16(offset, this.position, true);
      view.setUint16(offset + EVENT_FLAGS, ONE_DESCRIPTOR, true);
    } else view.setUint16(offset + EVENT_FLAGS, ENABLE, true);
    // and before the look for what has come between (§2.8.10)
    this.dma.barrier();
    return this.hasNext();
  }

  suppressNotifications(): void {
    this.device.view.setUint16(this.device.offset + EVENT_FLAGS, DISABLE, true);
  }

  /** Skips the descriptors of what was given back (virtio §2.8.6). */
  private advance(slots: number): void {
    this.taken -= slots;
    this.fresh += slots;
    this.nextUsed += slots;
    if (this.nextUsed >= this.size) {
      this.nextUsed -= this.size;
      this.used ^= AVAIL_AND_USED;
    }
  }

  /** Whether the next descriptor is available: its flags are those of this lap (virtio §2.8.15). */
  private hasNext(): boolean {
    const { view, offset } = this.desc;
    const flags = view.getUint16(offset + DESC_SIZE * this.nextAvail + FLAGS, true);
    return (flags & AVAIL_AND_USED) === this.available;
  }

  /** Whether the descriptor that the driver waits for is one of the last `fresh` that were given back. */
  private hasPassed(event: number, fresh: number): boolean {
    const { size } = this;
    const wrap = this.used === AVAIL_AND_USED ? WRAP : 0;
    let at = event & ~WRAP;
    if (at >= size) {
      const message = `an event at descriptor ${at} of ${size}`;
      this.owner.remark(queueFault('2.8.10', message, { at, size }));
    }
    // Another wrap counter than that of the next used descriptor is that of the lap before.
    if ((event & WRAP) !== wrap) at -= size;
    return at < this.nextUsed && at >= this.nextUsed - fresh;
  }

  /** What makes no sense suppresses nothing. */
  private remarkFlags(flags: number): true {
    const isDescriptor = flags === ONE_DESCRIPTOR;
    const message = isDescriptor
      ? 'events for one descriptor, but VIRTIO_F_EVENT_IDX was not negotiated'
      : `event suppression flags 0x${flags.toString(16)}: 0, 1 or 2`;
    this.owner.remark(queueFault(isDescriptor ? '2.8.10' : '2.8.14', message, { flags }));
    return true;
  }
}
