import type { ScheduledEvent } from '@dxelab/emulated-machine';
import type { DescriptorChain, VirtioDeviceHost } from '@dxelab/virtio-devices';
import { VIRTIO_BLK_S_OK, VIRTIO_BLK_SECTOR_SIZE } from '@dxelab/virtio';
import type { Medium } from './medium.ts';

/** A read is done in pieces of so many bytes. */
const PIECE = 4096;
/** What a step takes, in nanoseconds: at least, and how much more at most. */
const STEP = 1000;
const SCATTER = 8000;

/** What happens to the disk's requests, by the numbers that it gives them. */
interface ReadEvent {
  readonly device: string;
  readonly req: number;
}

declare module '@dxelab/platform' {
  interface TraceEvents {
    readonly bdrv_aio_readv: ReadEvent & {
      readonly sector_num: number;
      readonly nb_sectors: number;
    };
    readonly disk_load: ReadEvent & { readonly piece: number };
    readonly disk_decrypt: ReadEvent & { readonly piece: number };
    readonly bdrv_aio_complete: ReadEvent;
  }
}

/**
 * One read that the disk works on. Each piece comes into the buffer, and is then worked on there if the
 * medium asks for that; each step takes a while, and nothing but time stands between it and the steps of
 * other reads.
 */
export class ReadInFlight {
  readonly #host: VirtioDeviceHost;
  readonly #medium: Medium;
  readonly #chain: DescriptorChain;
  readonly #number: number;
  readonly #done: () => void;
  readonly #sector: number;
  /** In bytes. */
  readonly #length: number;
  #next: ScheduledEvent | undefined;
  #begun = false;

  /** @param done called when all is in the buffer, with its status */
  constructor(
    host: VirtioDeviceHost,
    medium: Medium,
    chain: DescriptorChain,
    number: number,
    done: () => void,
  ) {
    this.#host = host;
    this.#medium = medium;
    this.#chain = chain;
    this.#number = number;
    this.#done = done;
    this.#sector = chain.readUint32(8);
    this.#length = chain.writableLength - 1;
  }

  /** Without effect if it has begun. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const { name: device, trace } = this.#host;
    const nb_sectors = this.#length / VIRTIO_BLK_SECTOR_SIZE;
    trace?.('bdrv_aio_readv', { device, req: this.#number, sector_num: this.#sector, nb_sectors });
    this.#after(() => this.#load(0));
  }

  /** Nothing more is done to the buffer. */
  cancel(): void {
    if (this.#next !== undefined) this.#host.cancel(this.#next);
  }

  #load(position: number): void {
    if (position >= this.#length) {
      this.#complete();
      return;
    }
    const { load, workInPlace } = this.#medium;
    const bytes = load(this.#place(position), Math.min(PIECE, this.#length - position));
    this.#chain.writeBytes(position, bytes);
    this.#trace('disk_load', position);
    if (workInPlace === undefined) this.#after(() => this.#load(position + PIECE));
    else this.#after(() => this.#workInPlace(position, workInPlace));
  }

  /** Takes for what was loaded whatever lies in the buffer by now. */
  #workInPlace(position: number, work: NonNullable<Medium['workInPlace']>): void {
    const bytes = this.#buffer(position, Math.min(PIECE, this.#length - position));
    work(bytes, this.#place(position));
    this.#chain.writeBytes(position, bytes);
    this.#trace('disk_decrypt', position);
    this.#after(() => this.#load(position + PIECE));
  }

  #complete(): void {
    this.#chain.writeUint8(this.#length, VIRTIO_BLK_S_OK);
    this.#host.trace?.('bdrv_aio_complete', { device: this.#host.name, req: this.#number });
    this.#done();
  }

  #after(step: () => void): void {
    const pause = STEP + (this.#host.random.next() % SCATTER);
    this.#next = this.#host.schedule(this.#host.now() + pause, step);
  }

  /** Where it stands on the disk, in bytes. */
  #place(position: number): number {
    return this.#sector * VIRTIO_BLK_SECTOR_SIZE + position;
  }

  /** What lies in the writable part of the chain, wherever descriptors cut it. */
  #buffer(position: number, length: number): Uint8Array {
    const { readableCount, segmentCount } = this.#chain;
    const bytes = new Uint8Array(length);
    let at = -position;
    for (let index = readableCount; index < segmentCount; index++) {
      const segment = this.#chain.segment(index);
      const from = Math.max(0, -at);
      const count = Math.min(segment.length - from, length - at - from);
      const start = segment.offset + from;
      if (count > 0) bytes.set(segment.bytes.subarray(start, start + count), at + from);
      at += segment.length;
    }
    return bytes;
  }

  #trace(name: 'disk_load' | 'disk_decrypt', position: number): void {
    const { name: device, trace } = this.#host;
    trace?.(name, { device, req: this.#number, piece: position / PIECE });
  }
}
