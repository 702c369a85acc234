import type { Dma } from '@dxelab/emulated-machine';
import type { DeviceAddress } from '@dxelab/uefi';
import { ChainWalker } from './chain-walker.ts';
import { DescriptorChain } from './descriptor-chain.ts';
import type { QueueFault } from './queue-fault.ts';
import { queueFault } from './queue-fault.ts';
import { RingArea } from './ring-area.ts';

// Offsets in the available and the used ring alike, and sizes (virtio §2.7.5, §2.7.6, §2.7.8); local
// because imported constants are slow under Vitest.
const IDX = 2;
const RING = 4;
const DESC_SIZE = 16;
const ELEM_SIZE = 8;

/** Where the parts of an enabled queue lie. */
export interface QueueAddresses {
  readonly desc: DeviceAddress;
  readonly driver: DeviceAddress;
  readonly device: DeviceAddress;
}

/** What was negotiated for the rings: VIRTIO_F_INDIRECT_DESC and so on (virtio §6, §6.3). */
export interface RingFeatures {
  readonly indirect: boolean;
  readonly eventIdx: boolean;
  readonly notifyOnEmpty: boolean;
}

/** Who is told of rules that the driver broke in a ring. */
export interface QueueOwner {
  /** The queue cannot go on. */
  fault(fault: QueueFault): void;
  /** The queue can live with it. */
  remark(fault: QueueFault): void;
}

/**
 * A split virtqueue, seen from the device (virtio §2.7). Nothing in guest memory is believed: where
 * the rings make no sense the owner is told of a fault, and the queue yields nothing.
 */
export class SplitVirtqueue {
  /** In descriptors; 0 while disabled. */
  size = 0;
  /** Both count chains and wrap at 65536: those taken from the driver, and those given back. */
  nextAvail = 0;
  usedIndex = 0;
  private readonly dma: Dma;
  private readonly walker: ChainWalker;
  private readonly features: RingFeatures;
  private readonly owner: QueueOwner;
  private readonly desc = new RingArea();
  private readonly driver = new RingArea();
  private readonly device = new RingArea();
  private addresses: QueueAddresses = { desc: 0, driver: 0, device: 0 };
  /** The chain for the next `pop`: reused unless a device keeps it. */
  private spare = new DescriptorChain();
  /** Chains that the device answers later. */
  private readonly kept = new Set<DescriptorChain>();

  /** @param features as they are now: they may be negotiated after the queue was made */
  constructor(dma: Dma, features: RingFeatures, owner: QueueOwner) {
    this.dma = dma;
    this.features = features;
    this.owner = owner;
    this.walker = new ChainWalker(dma, (fault) => owner.remark(fault));
  }

  /** How many chains the device has taken and not yet given back. */
  get pending(): number {
    return this.kept.size;
  }

  /** Begins to work. @param size a power of two up to 32768 */
  start(size: number, addresses: QueueAddresses): void {
    this.stop();
    this.size = size;
    this.addresses = addresses;
    this.checkAlignment('descriptor table', addresses.desc, 16);
    this.checkAlignment('available ring', addresses.driver, 2);
    this.checkAlignment('used ring', addresses.device, 4);
  }

  /** Forgets everything. What is still pending can reach no memory any more. */
  stop(): void {
    for (const chain of this.kept) chain.begin(0);
    this.kept.clear();
    this.size = 0;
    this.nextAvail = 0;
    this.usedIndex = 0;
  }

  /**
   * Finds the rings in memory. What follows relies on it, up to the end of the same notification or
   * completion. @returns false if the device may not reach all of them
   */
  locate(): boolean {
    const { size } = this;
    const { desc, driver, device } = this.addresses;
    const event = this.features.eventIdx ? 2 : 0;
    return (
      this.locateArea(this.desc, 'descriptor table', desc, DESC_SIZE * size) &&
      this.locateArea(this.driver, 'available ring', driver, RING + 2 * size + event) &&
      this.locateArea(this.device, 'used ring', device, RING + ELEM_SIZE * size + event)
    );
  }

  /** How many chains the driver has made available and the device has not taken: at most `size`. */
  available(): number {
    const index = this.driver.view.getUint16(this.driver.offset + IDX, true);
    const count = (index - this.nextAvail) & 0xffff;
    return count <= this.size ? count : this.refuseIndex(index);
  }

  /** As `available`, but for a report: it breaks nothing, and says 0 where the ring makes no sense. */
  unnoticed(): number {
    if (!this.dma.enabled) return 0;
    const index = this.dma.readUint16(this.addresses.driver + IDX);
    const count = (index - this.nextAvail) & 0xffff;
    return count <= this.size ? count : 0;
  }

  /**
   * Takes the next chain; only after `available` said that there is one. It is valid until the next
   * `pop`, unless it is kept. @returns `undefined` if the driver broke a rule
   */
  pop(): DescriptorChain | undefined {
    const { view, offset } = this.driver;
    const head = view.getUint16(offset + RING + 2 * (this.nextAvail & (this.size - 1)), true);
    if (head >= this.size) return this.refuseHead(head);
    const chain = this.spare;
    const { indirect } = this.features;
    const fault = this.walker.walk(chain, this.desc, this.size, head, indirect);
    if (fault !== undefined) {
      chain.begin(head);
      this.owner.fault(fault);
      return undefined;
    }
    this.nextAvail = (this.nextAvail + 1) & 0xffff;
    return chain;
  }

  /** Keeps the chain that `pop` delivered beyond the next `pop`: it is answered later. */
  keep(chain: DescriptorChain): void {
    this.kept.add(chain);
    this.spare = new DescriptorChain();
  }

  /** Ends the keeping of a chain. @returns false if it was not kept, or a reset came between */
  release(chain: DescriptorChain): boolean {
    return this.kept.delete(chain);
  }

  /**
   * Gives a chain back: the element first, then the index (virtio §2.7.8.2).
   * @param written how many bytes the device wrote, from the first writable byte on
   */
  push(head: number, written: number): void {
    const { view, offset } = this.device;
    const element = offset + RING + ELEM_SIZE * (this.usedIndex & (this.size - 1));
    view.setUint32(element, head, true);
    view.setUint32(element + 4, written, true);
    this.usedIndex = (this.usedIndex + 1) & 0xffff;
    view.setUint16(offset + IDX, this.usedIndex, true);
  }

  /** Whether the driver wants a notification for the chain that was last pushed (virtio §2.7.7.2). */
  wantsNotification(): boolean {
    const { view, offset } = this.driver;
    if (this.features.notifyOnEmpty && this.isEmpty()) return true;
    if (this.features.eventIdx) {
      const usedEvent = view.getUint16(offset + RING + 2 * this.size, true);
      return ((usedEvent + 1) & 0xffff) === this.usedIndex;
    }
    const flags = view.getUint16(offset, true);
    if (flags > 1) {
      const message = `flags ${flags} in the available ring: 0 or 1`;
      this.owner.remark(queueFault('2.7.7.1', message, { flags }));
    }
    return (flags & 1) === 0;
  }

  /** Asks to be notified of the next chain, where the driver is told so (virtio §2.7.10.2). */
  askForNotification(): void {
    if (!this.features.eventIdx) return;
    const { view, offset } = this.device;
    view.setUint16(offset + RING + ELEM_SIZE * this.size, this.nextAvail, true);
  }

  /** Whether the driver has made nothing available that is not given back. */
  private isEmpty(): boolean {
    const index = this.driver.view.getUint16(this.driver.offset + IDX, true);
    return index === this.nextAvail && this.pending === 0;
  }

  private refuseIndex(index: number): number {
    const { nextAvail, size } = this;
    const message = `the available index is ${index}: at most ${size} more than ${nextAvail}, what was taken`;
    this.owner.fault(queueFault('2.7.6.1', message, { index, nextAvail }));
    return 0;
  }

  private refuseHead(head: number): undefined {
    const message = `head ${head} in the available ring of ${this.size} descriptors`;
    this.owner.fault(queueFault('2.7.6', message, { head, size: this.size }));
  }

  private locateArea(
    area: RingArea,
    part: string,
    address: DeviceAddress,
    length: number,
  ): boolean {
    if (area.locate(this.dma, address, length)) return true;
    const message = `the ${part} lies in memory that the device cannot reach`;
    this.owner.fault(queueFault('2.7', message, { address, length }));
    return false;
  }

  private checkAlignment(part: string, address: DeviceAddress, alignment: number): void {
    if (address % alignment === 0) return;
    const message = `the ${part} at 0x${address.toString(16)}: a multiple of ${alignment}`;
    this.owner.remark(queueFault('2.7.1', message, { address, alignment }));
  }
}
