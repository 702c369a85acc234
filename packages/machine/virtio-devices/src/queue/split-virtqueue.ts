import type { Dma } from '@dxelab/emulated-machine';
import type { DeviceAddress } from '@dxelab/uefi';
import { ChainWalker } from './chain-walker.ts';
import type { DescriptorChain } from './descriptor-chain.ts';
import { KeptChains } from './kept-chains.ts';
import { queueFault } from './queue-fault.ts';
import { checkAlignment, locatePart } from './queue-parts.ts';
import { RingArea } from './ring-area.ts';
import type { QueueAddresses, QueueOwner, RingFeatures, Virtqueue } from './virtqueue.ts';

// Offsets in the available and the used ring alike, and sizes (virtio §2.7.5, §2.7.6, §2.7.8); local
// because imported constants are slow under Vitest.
const IDX = 2;
const RING = 4;
const DESC_SIZE = 16;
const ELEM_SIZE = 8;
const NO_NOTIFY = 1;

/** A split virtqueue, seen from the device (virtio §2.7). */
export class SplitVirtqueue implements Virtqueue {
  readonly packed = false;
  size = 0;
  nextAvail = 0;
  usedIndex = 0;
  /** What the driver's index was when it was last read. */
  private seen = 0;
  /** `usedIndex` when the driver was last asked whether it wants a notification. */
  private asked = 0;
  /** Whether NO_NOTIFY is set. */
  private suppressed = false;
  /** With VIRTIO_F_IN_ORDER, where the next chain begins in the table. */
  private nextHead = 0;
  private readonly dma: Dma;
  private readonly walker: ChainWalker;
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
    this.walker = new ChainWalker(dma, features, (fault) => owner.remark(fault));
  }

  get pending(): number {
    return this.chains.count;
  }

  get position(): number {
    return this.nextAvail;
  }

  start(size: number, addresses: QueueAddresses): void {
    this.stop();
    this.size = size;
    this.addresses = addresses;
    checkAlignment(this.owner, '2.7.1', 'descriptor table', addresses.desc, 16);
    checkAlignment(this.owner, '2.7.1', 'available ring', addresses.driver, 2);
    checkAlignment(this.owner, '2.7.1', 'used ring', addresses.device, 4);
  }

  stop(): void {
    this.chains.revoke();
    this.size = 0;
    this.nextAvail = 0;
    this.usedIndex = 0;
    this.seen = 0;
    this.asked = 0;
    this.nextHead = 0;
    this.suppressed = false;
  }

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
    if (count > this.size) return this.refuseIndex(index);
    this.seen = index;
    // the index before what it speaks of
    this.dma.barrier();
    return count;
  }

  unnoticed(): number {
    if (!this.dma.enabled) return 0;
    const index = this.dma.readUint16(this.addresses.driver + IDX);
    const count = (index - this.nextAvail) & 0xffff;
    return count <= this.size ? count : 0;
  }

  pop(): DescriptorChain | undefined {
    if (this.nextAvail === this.seen && this.available() === 0) return undefined;
    const { view, offset } = this.driver;
    const head = view.getUint16(offset + RING + 2 * (this.nextAvail & (this.size - 1)), true);
    if (head >= this.size) return this.refuseHead(head);
    if (((this.nextAvail - this.usedIndex) & 0xffff) >= this.size) return this.refuseMore(head);
    const chain = this.chains.spare;
    const fault = this.walker.walk(chain, this.desc, this.size, head);
    if (fault !== undefined) {
      chain.begin(head);
      this.owner.fault(fault);
      return undefined;
    }
    if (this.features.inOrder) this.checkOrder(head, chain.slots);
    if (this.chains.count !== 0 && this.chains.has(head)) this.remarkTaken(head);
    this.nextAvail = (this.nextAvail + 1) & 0xffff;
    return chain;
  }

  keep(chain: DescriptorChain): void {
    this.chains.keep(chain);
  }

  release(chain: DescriptorChain): boolean {
    return this.chains.release(chain);
  }

  push(id: number, written: number): void {
    this.fill(id, written, 1);
    this.publish();
  }

  fill(id: number, written: number, chains: number): void {
    const { view, offset } = this.device;
    const element = offset + RING + ELEM_SIZE * (this.usedIndex & (this.size - 1));
    view.setUint32(element, id, true);
    view.setUint32(element + 4, written, true);
    this.usedIndex = (this.usedIndex + chains) & 0xffff;
  }

  /** The elements are there before the index says so (virtio §2.7.8.2). */
  publish(): void {
    const { view, offset } = this.device;
    this.dma.barrier();
    view.setUint16(offset + IDX, this.usedIndex, true);
  }

  /** By flags, or by whether `used_event` was passed (virtio §2.7.7.2). */
  wantsNotification(): boolean {
    const { view, offset } = this.driver;
    const fresh = (this.usedIndex - this.asked) & 0xffff;
    this.asked = this.usedIndex;
    // the index before the look at what the driver wants: else both sides could wait (§2.7.7.2)
    this.dma.barrier();
    if (this.features.notifyOnEmpty && this.isEmpty()) return true;
    if (this.features.eventIdx) {
      const usedEvent = view.getUint16(offset + RING + 2 * this.size, true);
      return ((this.usedIndex - usedEvent - 1) & 0xffff) < fresh;
    }
    const flags = view.getUint16(offset, true);
    if (flags > 1) {
      const message = `flags ${flags} in the available ring: 0 or 1`;
      this.owner.remark(queueFault('2.7.7.1', message, { flags }));
    }
    return (flags & 1) === 0;
  }

  /** With `avail_event`, or by taking NO_NOTIFY back (virtio §2.7.10). */
  askForNotification(): boolean {
    const { view, offset } = this.device;
    if (this.features.eventIdx) {
      view.setUint16(offset + RING + ELEM_SIZE * this.size, this.nextAvail, true);
    } else if (this.suppressed) {
      this.suppressed = false;
      view.setUint16(offset, 0, true);
    } else return false;
    // and before the look for what has come between (§2.7.10)
    this.dma.barrier();
    return this.available() > 0;
  }

  /** With an `avail_event` that stays behind, or by NO_NOTIFY (virtio §2.7.10). */
  suppressNotifications(): void {
    if (this.features.eventIdx) return;
    this.suppressed = true;
    this.device.view.setUint16(this.device.offset, NO_NOTIFY, true);
  }

  /** Whether the driver has made nothing available that is not given back. */
  private isEmpty(): boolean {
    const index = this.driver.view.getUint16(this.driver.offset + IDX, true);
    return index === this.nextAvail && this.pending === 0;
  }

  /** With VIRTIO_F_IN_ORDER the driver goes round the table, too (virtio §2.7.5). */
  private checkOrder(head: number, slots: number): void {
    const { nextHead, size } = this;
    this.nextHead = (head + slots) & (size - 1);
    if (head === nextHead) return;
    const message = `a chain begins at descriptor ${head}: ${nextHead}, in order`;
    this.owner.remark(queueFault('2.7.5', message, { head, nextHead }));
  }

  /** Descriptors of a chain that the device has are not free: who makes it available again submits it twice. */
  private remarkTaken(head: number): void {
    const message = `head ${head} is made available again, and the device has not used its chain yet`;
    this.owner.remark(queueFault('2.7.13', message, { head }));
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

  /** Descriptors are free again when their chain was used, so that there cannot be more chains (§2.7.13.1). */
  private refuseMore(head: number): undefined {
    const message = `more than ${this.size} chains were made available and are not used`;
    this.owner.fault(queueFault('2.7.13.1', message, { head, size: this.size }));
  }

  private locateArea(
    area: RingArea,
    part: string,
    address: DeviceAddress,
    length: number,
  ): boolean {
    return locatePart(area, this.dma, this.owner, '2.7', part, address, length);
  }
}
