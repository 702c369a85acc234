import type { DescriptorChain, VirtioDeviceHost, VirtioDeviceModel } from '@dxelab/virtio-devices';
import {
  VIRTIO_BLK_F_RO,
  VIRTIO_BLK_REQ_SIZE,
  VIRTIO_BLK_S_IOERR,
  VIRTIO_BLK_S_UNSUPP,
  VIRTIO_BLK_SECTOR_SIZE,
  VIRTIO_BLK_T_IN,
  VIRTIO_SUBSYSTEM_BLOCK_DEVICE,
} from '@dxelab/virtio';
import type { Medium } from './medium.ts';
import { ReadInFlight } from './read-in-flight.ts';

/** In sectors: the one that the history is about, and some more. */
const CAPACITY = 600_000;

/**
 * A block device like QEMU's of 2013: it takes every element of the Available Ring, and works on all of
 * them at once. What the driver made available three times is read three times, at the same time.
 */
export class ParallelDisk implements VirtioDeviceModel {
  readonly name = 'virtio-blk';
  readonly deviceType: number = VIRTIO_SUBSYSTEM_BLOCK_DEVICE;
  readonly features: bigint = VIRTIO_BLK_F_RO;
  readonly queueSizes = [256];
  readonly config: Uint8Array = new Uint8Array(8);
  readonly #medium: Medium;
  readonly #workers: number;
  #host: VirtioDeviceHost | undefined;
  /** In the order in which they were taken; the first `#workers` of them are worked on. */
  #reads: ReadInFlight[] = [];
  #taken = 0;

  /** @param workers how many reads it works on at once: with one it takes them all, and does one by one */
  constructor(medium: Medium, workers = Infinity) {
    this.#medium = medium;
    this.#workers = workers;
    new DataView(this.config.buffer).setUint32(0, CAPACITY, true);
  }

  attach(host: VirtioDeviceHost): void {
    this.#host = host;
  }

  reset(): void {
    for (const read of this.#reads) read.cancel();
    this.#reads = [];
  }

  handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending' {
    const host = this.#host;
    const { head, readableLength, writableLength } = chain;
    if (host === undefined || readableLength < VIRTIO_BLK_REQ_SIZE || writableLength < 1) {
      host?.needsReset('5.2.6', 'a request has no room for header and status', { head });
      return 0;
    }
    const sector = chain.readUint32(8);
    const sectors = (writableLength - 1) / VIRTIO_BLK_SECTOR_SIZE;
    if (chain.readUint32(0) !== VIRTIO_BLK_T_IN) return fail(chain, VIRTIO_BLK_S_UNSUPP);
    const inside = chain.readUint32(12) === 0 && sector + sectors <= CAPACITY;
    if (!inside || !Number.isInteger(sectors)) return fail(chain, VIRTIO_BLK_S_IOERR);

    const read = new ReadInFlight(host, this.#medium, chain, this.#taken++, () => {
      this.#reads = this.#reads.filter((other) => other !== read);
      host.complete(queueIndex, chain, writableLength);
      this.#work();
    });
    this.#reads.push(read);
    this.#work();
    return 'pending';
  }

  #work(): void {
    for (const read of this.#reads.slice(0, this.#workers)) read.begin();
  }
}

/** @returns how many bytes were written, from the first writable one on: the status byte is the last */
function fail(chain: DescriptorChain, status: number): number {
  chain.writeUint8(chain.writableLength - 1, status);
  return chain.writableLength === 1 ? 1 : 0;
}
