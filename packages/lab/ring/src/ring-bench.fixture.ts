import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_RING_PACKED,
  VIRTQ_DESC_F_AVAIL,
  VIRTQ_DESC_F_USED,
} from '@dxelab/virtio';
import { QueueRecorder } from './recording/queue-recorder.ts';
import type { RingFormat, RingPlace } from './ring-place.ts';

/** Where the areas of the queue are. */
const DESCRIPTORS = 0x1000;
const DRIVER = 0x3000;
const DEVICE = 0x4000;

export interface BenchOptions {
  readonly format?: RingFormat;
  readonly size?: number;
  readonly eventIdx?: boolean;
  readonly inOrder?: boolean;
}

/** A queue in RAM whose two sides a test plays, with a recorder that is told what it would hear at the waist. */
export class RingBench {
  readonly ram: GuestRam;
  readonly place: RingPlace;
  readonly recorder: QueueRecorder;
  #now = 0;

  constructor({ format = 'split', size = 4, eventIdx, inOrder }: BenchOptions = {}) {
    const bytes = new Uint8Array(0x10000);
    this.ram = new GuestRam(new Cycles(() => {}), new LocalRam([{ base: 0, bytes }]));
    const features =
      (format === 'packed' ? VIRTIO_F_RING_PACKED : 0n) |
      (eventIdx === true ? VIRTIO_F_EVENT_IDX : 0n) |
      (inOrder === true ? VIRTIO_F_IN_ORDER : 0n);
    const areas = { descriptors: DESCRIPTORS, driver: DRIVER, device: DEVICE };
    this.place = { format, size, features, ...areas };
    this.recorder = new QueueRecorder('virtio-blk 02.0', 0, this.ram, () => (this.#now += 20));
    this.recorder.setUp(this.place);
  }

  /** The driver writes a descriptor of either ring, as VirtioLib does: field by field. */
  descriptor(index: number, address: number, length: number, flags: number, nextOrId = 0): this {
    const at = DESCRIPTORS + index * 16;
    const [idOffset, flagsOffset] = this.place.format === 'packed' ? [12, 14] : [14, 12];
    this.driver32(at, address)
      .driver32(at + 4, 0)
      .driver32(at + 8, length);
    return this.driver16(at + idOffset, nextOrId).driver16(at + flagsOffset, flags);
  }

  /** The driver puts a head on the available ring, and counts it. */
  available(index: number, head: number): this {
    this.driver16(DRIVER + 4 + ((index - 1) % this.place.size) * 2, head);
    return this.driver16(DRIVER + 2, index & 0xffff);
  }

  notify(): this {
    this.recorder.notified();
    return this;
  }

  /** The device uses a chain of a split ring, and the driver looks. */
  used(index: number, id: number, length: number): this {
    const element = DEVICE + 4 + ((index - 1) % this.place.size) * 8;
    this.ram.writeUint32(element, id);
    this.ram.writeUint32(element + 4, length);
    this.ram.writeUint16(DEVICE + 2, index & 0xffff);
    return this.look();
  }

  /** The device writes a used descriptor of a packed ring, and the driver looks. */
  usedDescriptor(index: number, id: number, length: number, wrap: 0 | 1): this {
    const at = DESCRIPTORS + index * 16;
    this.ram.writeUint32(at + 8, length);
    this.ram.writeUint16(at + 12, id);
    this.ram.writeUint16(at + 14, wrap === 1 ? VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED : 0);
    return this.look();
  }

  look(): this {
    const { format } = this.place;
    this.recorder.looked(format === 'packed' ? DESCRIPTORS + 14 : DEVICE + 2, 2);
    return this;
  }

  driver16(address: number, value: number): this {
    this.ram.writeUint16(address, value);
    this.recorder.written(address, 2);
    return this;
  }

  driver32(address: number, value: number): this {
    this.ram.writeUint32(address, value);
    this.recorder.written(address, 4);
    return this;
  }
}

export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;
/** Available while the driver's wrap counter is 1, and 0. */
export const AVAIL_1: number = VIRTQ_DESC_F_AVAIL;
export const AVAIL_0: number = VIRTQ_DESC_F_USED;

/** A split ring of 4 on which one read of a disk was made, and used. */
export function oneRead(): RingBench {
  return new RingBench()
    .descriptor(0, 0x8000, 16, NEXT, 1)
    .descriptor(1, 0x9000, 512, NEXT | WRITE, 2)
    .descriptor(2, 0x8010, 1, WRITE)
    .available(1, 0)
    .notify()
    .used(1, 0, 513);
}
