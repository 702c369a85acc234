import type { Dma } from '@dxelab/emulated-machine';
import type { DeviceAddress } from '@dxelab/uefi';
import { VRING_DESC_SIZE, VRING_USED_ELEM_SIZE } from '@dxelab/virtio';
import { ChainWalker } from './chain-walker.ts';
import { DescriptorChain } from './descriptor-chain.ts';
import type { QueueFault } from './queue-fault.ts';
import { queueFault } from './queue-fault.ts';

/** Offsets in the available and the used ring alike (virtio §2.7.6, §2.7.8). */
const IDX = 2;
const RING = 4;

/** Where the parts of an enabled queue lie. */
export interface QueueAddresses {
  readonly desc: DeviceAddress;
  readonly driver: DeviceAddress;
  readonly device: DeviceAddress;
}

/** What was negotiated for the rings: VIRTIO_F_INDIRECT_DESC and VIRTIO_F_EVENT_IDX (virtio §6). */
export interface RingFeatures {
  readonly indirect: boolean;
  readonly eventIdx: boolean;
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
  readonly #dma: Dma;
  readonly #walker: ChainWalker;
  readonly #features: RingFeatures;
  readonly #owner: QueueOwner;
  #desc = 0;
  #driver = 0;
  #device = 0;
  /** The chain for the next `pop`: reused unless a device keeps it. */
  #spare = new DescriptorChain();
  /** Chains that the device answers later. */
  readonly #pending = new Set<DescriptorChain>();

  /** @param features as they are now: they may be negotiated after the queue was made */
  constructor(dma: Dma, features: RingFeatures, owner: QueueOwner) {
    this.#dma = dma;
    this.#features = features;
    this.#owner = owner;
    this.#walker = new ChainWalker(dma, (fault) => owner.remark(fault));
  }

  /** How many chains the device has taken and not yet given back. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Begins to work. @param size a power of two up to 32768 */
  start(size: number, addresses: QueueAddresses): void {
    this.stop();
    this.size = size;
    this.#desc = addresses.desc;
    this.#driver = addresses.driver;
    this.#device = addresses.device;
    this.#checkAlignment('descriptor table', this.#desc, 16);
    this.#checkAlignment('available ring', this.#driver, 2);
    this.#checkAlignment('used ring', this.#device, 4);
  }

  /** Forgets everything. What is still pending can reach no memory any more. */
  stop(): void {
    for (const chain of this.#pending) chain.begin(0);
    this.#pending.clear();
    this.size = 0;
    this.nextAvail = 0;
    this.usedIndex = 0;
  }

  /** How many chains the driver has made available and the device has not taken: at most `size`. */
  available(): number {
    if (!this.#reachable()) return 0;
    const index = this.#dma.readUint16(this.#driver + IDX);
    const count = (index - this.nextAvail) & 0xffff;
    if (count <= this.size) return count;
    const message = `the available index is ${index}: at most ${this.size} more than ${this.nextAvail}, what was taken`;
    this.#owner.fault(queueFault('2.7.6.1', message, { index, nextAvail: this.nextAvail }));
    return 0;
  }

  /** As `available`, but for a report: it breaks nothing, and says 0 where the ring makes no sense. */
  unnoticed(): number {
    if (!this.#dma.enabled) return 0;
    const count = (this.#dma.readUint16(this.#driver + IDX) - this.nextAvail) & 0xffff;
    return count <= this.size ? count : 0;
  }

  /**
   * Takes the next chain; only after `available` said that there is one. It is valid until the next
   * `pop`, unless it is kept. @returns `undefined` if the driver broke a rule
   */
  pop(): DescriptorChain | undefined {
    const entry = this.#driver + RING + 2 * (this.nextAvail & (this.size - 1));
    const head = this.#dma.readUint16(entry);
    if (head >= this.size) {
      const message = `head ${head} in the available ring of ${this.size} descriptors`;
      this.#owner.fault(queueFault('2.7.6', message, { head, size: this.size }));
      return undefined;
    }
    const chain = this.#spare;
    const fault = this.#walker.walk(chain, this.#desc, this.size, head, this.#features.indirect);
    if (fault !== undefined) {
      chain.begin(head);
      this.#owner.fault(fault);
      return undefined;
    }
    this.nextAvail = (this.nextAvail + 1) & 0xffff;
    return chain;
  }

  /** Keeps the chain that `pop` delivered beyond the next `pop`: it is answered later. */
  keep(chain: DescriptorChain): void {
    this.#pending.add(chain);
    this.#spare = new DescriptorChain();
  }

  /** Ends the keeping of a chain. @returns false if it was not kept, or a reset came between */
  release(chain: DescriptorChain): boolean {
    return this.#pending.delete(chain);
  }

  /**
   * Gives a chain back: the element first, then the index (virtio §2.7.8.2).
   * @param written how many bytes the device wrote, from the first writable byte on
   */
  push(head: number, written: number): void {
    const slot = this.usedIndex & (this.size - 1);
    const element = this.#device + RING + VRING_USED_ELEM_SIZE * slot;
    this.#dma.writeUint32(element, head);
    this.#dma.writeUint32(element + 4, written);
    this.usedIndex = (this.usedIndex + 1) & 0xffff;
    this.#dma.writeUint16(this.#device + IDX, this.usedIndex);
  }

  /** Whether the driver wants a notification for the chain that was last pushed (virtio §2.7.7.2). */
  wantsNotification(): boolean {
    if (this.#features.eventIdx) {
      const usedEvent = this.#dma.readUint16(this.#driver + RING + 2 * this.size);
      return ((usedEvent + 1) & 0xffff) === this.usedIndex;
    }
    const flags = this.#dma.readUint16(this.#driver);
    if (flags > 1) {
      const message = `flags ${flags} in the available ring: 0 or 1`;
      this.#owner.remark(queueFault('2.7.7.1', message, { flags }));
    }
    return (flags & 1) === 0;
  }

  /** Asks to be notified of the next chain, where the driver is told so (virtio §2.7.10.2). */
  askForNotification(): void {
    if (!this.#features.eventIdx) return;
    const availEvent = this.#device + RING + VRING_USED_ELEM_SIZE * this.size;
    this.#dma.writeUint16(availEvent, this.nextAvail);
  }

  /** Whether all three parts lie in memory that the device may reach; each access below relies on it. */
  #reachable(): boolean {
    const { size } = this;
    const event = this.#features.eventIdx ? 2 : 0;
    return (
      this.#check('descriptor table', this.#desc, VRING_DESC_SIZE * size) &&
      this.#check('available ring', this.#driver, RING + 2 * size + event) &&
      this.#check('used ring', this.#device, RING + VRING_USED_ELEM_SIZE * size + event)
    );
  }

  #check(part: string, address: DeviceAddress, length: number): boolean {
    if (this.#dma.locate(address, length) !== undefined) return true;
    const message = `the ${part} lies in memory that the device cannot reach`;
    this.#owner.fault(queueFault('2.7', message, { address, length }));
    return false;
  }

  #checkAlignment(part: string, address: DeviceAddress, alignment: number): void {
    if (address % alignment === 0) return;
    const message = `the ${part} at 0x${address.toString(16)}: a multiple of ${alignment}`;
    this.#owner.remark(queueFault('2.7.1', message, { address, alignment }));
  }
}
