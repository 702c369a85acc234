import type { DeviceAddress, PhysicalAddress } from '@dxelab/uefi';
import { EFI_PAGE_SIZE, EfiError } from '@dxelab/uefi';
import type { VirtioDevice, VirtioMapping, VirtioQueueAccess, VRing } from '@dxelab/virtio';
import {
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
  VIRTIO_PAGE_SIZE,
  VIRTQ_EVENT_SUPPRESS_SIZE,
  VIRTQ_PACKED_DESC_SIZE,
  VRING_DESC_SIZE,
} from '@dxelab/virtio';
import { virtioMapAllBytesInSharedBuffer } from '../virtio-map-all-bytes.ts';
import type { RingLibraries } from '../virtio-ring.ts';
import { vringLayout } from '../virtio-ring.ts';

/** What a queue has to be like. */
export interface QueueShape {
  readonly index: number;
  readonly queueSize: number;
  readonly features: bigint;
  /** Descriptors of the longest chain that goes into an indirect table. */
  readonly longestTable: number;
}

/** Through which a queue reaches its device. */
export interface QueueChannel {
  readonly virtIo: VirtioDevice;
  /** Absent on a transport that has none: then the ring is a split one. */
  readonly access: VirtioQueueAccess | undefined;
  readonly libraries: RingLibraries;
}

/** The memory of one queue, shared with the device: its ring, and behind it the indirect tables. */
export class QueueMemory implements VRing {
  readonly numPages: number;
  readonly base: PhysicalAddress;
  readonly queueSize: number;
  readonly desc: PhysicalAddress;
  /** The available ring, or the driver's event suppression structure. */
  readonly avail: PhysicalAddress;
  /** The used ring, or the device's event suppression structure. */
  readonly used: PhysicalAddress;
  /** One indirect table for each descriptor of the ring. */
  readonly tables: PhysicalAddress;
  /** In bytes; 0 if there are none. */
  readonly tableSize: number;
  /** Device address minus host address. */
  readonly shift: number;
  private readonly shape: QueueShape;
  private readonly channel: QueueChannel;
  private readonly mapping: VirtioMapping;

  /** @throws what AllocateSharedPages and MapSharedBuffer throw; EFI_OUT_OF_RESOURCES */
  constructor(shape: QueueShape, channel: QueueChannel) {
    const { virtIo, libraries } = channel;
    const { queueSize, features } = shape;
    const { avail, used, pages } = layout(shape);
    const indirect = (features & VIRTIO_F_INDIRECT_DESC) !== 0n;
    this.shape = shape;
    this.channel = channel;
    this.queueSize = queueSize;
    this.tableSize = indirect ? shape.longestTable * VRING_DESC_SIZE : 0;
    this.numPages = pages + Math.ceil((queueSize * this.tableSize) / EFI_PAGE_SIZE);
    this.base = virtIo.allocateSharedPages(this.numPages);
    this.desc = this.base;
    this.avail = this.base + avail;
    this.used = this.base + used;
    this.tables = this.base + pages * EFI_PAGE_SIZE;
    const length = this.numPages * EFI_PAGE_SIZE;
    libraries.ram.fill(this.base, length, 0);
    try {
      this.mapping = virtioMapAllBytesInSharedBuffer(
        virtIo,
        'VirtioOperationBusMasterCommonBuffer',
        { address: this.base, length },
        length,
      );
    } catch (caught) {
      virtIo.freeSharedPages(this.numPages, this.base);
      throw caught;
    }
    this.shift = this.mapping.deviceAddress - this.base;
  }

  /** Tells the device where the queue is, and that it is to be used. @throws what the transport throws */
  publish(): void {
    const { virtIo, access } = this.channel;
    const { index, queueSize, features } = this.shape;
    virtIo.setQueueSel(index);
    virtIo.setQueueNum(queueSize);
    virtIo.setQueueAlign(VIRTIO_PAGE_SIZE);
    if ((features & VIRTIO_F_RING_PACKED) === 0n) {
      virtIo.setQueueAddress(this, this.shift);
      return;
    }
    requireAccess(access).setQueueAreas({
      descriptor: this.onDevice(this.desc),
      driver: this.onDevice(this.avail),
      device: this.onDevice(this.used),
    });
  }

  /** Takes the queue away from the device. @throws EFI_UNSUPPORTED, EFI_DEVICE_ERROR */
  reset(): void {
    const { index, features } = this.shape;
    if ((features & VIRTIO_F_RING_RESET) === 0n) {
      const message = `virtqueue ${index} cannot be reset: VIRTIO_F_RING_RESET was not negotiated`;
      throw new EfiError('EFI_UNSUPPORTED', message);
    }
    requireAccess(this.channel.access).resetQueue(index);
    this.channel.libraries.ram.fill(this.base, this.numPages * EFI_PAGE_SIZE, 0);
  }

  /** Notifies the device. @param next of whom VIRTIO_F_NOTIFICATION_DATA wants to know, else undefined */
  notify(next: number | undefined): void {
    const { virtIo, access } = this.channel;
    if (next === undefined) virtIo.setQueueNotify(this.shape.index);
    else requireAccess(access).setQueueNotifyData(this.shape.index, next);
  }

  /** The device must not use the queue any more. */
  free(): void {
    const { virtIo } = this.channel;
    virtIo.unmapSharedBuffer(this.mapping);
    virtIo.freeSharedPages(this.numPages, this.base);
  }

  onDevice(address: PhysicalAddress): DeviceAddress {
    return address + this.shift;
  }
}

/** Where the parts stand, in bytes from the base. A packed ring has its two structures behind it. */
function layout({ features, queueSize }: QueueShape): ReturnType<typeof vringLayout> {
  if ((features & VIRTIO_F_RING_PACKED) === 0n) return vringLayout(queueSize);
  const avail = queueSize * VIRTQ_PACKED_DESC_SIZE;
  const used = avail + VIRTQ_EVENT_SUPPRESS_SIZE;
  return { avail, used, pages: Math.ceil((used + VIRTQ_EVENT_SUPPRESS_SIZE) / EFI_PAGE_SIZE) };
}

function requireAccess(access: VirtioQueueAccess | undefined): VirtioQueueAccess {
  if (access !== undefined) return access;
  throw new EfiError('EFI_UNSUPPORTED', 'the transport has no VirtioQueueAccess');
}
