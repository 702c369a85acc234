import { crc32 } from 'node:zlib';
import type { GuestRam } from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { VirtioDevice, VirtioMapping, VirtioQueueAccess } from '@dxelab/virtio';
import {
  VIRTIO_BLK_REQ_SIZE,
  VIRTIO_BLK_S_OK,
  VIRTIO_BLK_SECTOR_SIZE,
  VIRTIO_BLK_T_IN,
} from '@dxelab/virtio';
import type { RingLibraries, RingServices, VirtioQueue } from '@dxelab/virtio-lib';
import {
  virtioBringUp,
  virtioMapAllBytesInSharedBuffer,
  virtioQueueAwait,
  virtioQueueInit,
  virtioRingFeatures,
} from '@dxelab/virtio-lib';

/** A read is of so many sectors at most, each with a descriptor of its own. */
const MOST_SECTORS = 3;
/** Header, data and status of one request: an eighth of a page apart, data at its end. */
const PLACE = 2048;
const STATUS = VIRTIO_BLK_REQ_SIZE;
const DATA = PLACE - MOST_SECTORS * VIRTIO_BLK_SECTOR_SIZE;
const NO_STATUS = 0xff;
/** Of a device that does not answer, in microseconds. */
const PATIENCE = 10_000_000;
/** After so many requests the driver changes its mind about interrupts. */
const INTERRUPTS_FOR = 1000;

export interface DiskTrafficOptions {
  readonly virtIo: VirtioDevice;
  readonly access: VirtioQueueAccess | undefined;
  readonly bs: RingServices;
  readonly libraries: RingLibraries;
  /** What the disk holds. */
  readonly image: Uint8Array;
  /** Of VIRTIO_RING_FEATURES. */
  readonly wants: bigint;
  /** In descriptors; absent: the device's. */
  readonly queueSize?: number | undefined;
  /** As in VirtioQueueInitOptions. */
  readonly lengthWithoutWrite?: boolean;
  /** How many requests are in flight at once. Default: 32. */
  readonly inFlight?: number;
}

/** A driver that reads a disk here and there, many requests at once, and holds what comes against the disk. */
export class DiskTraffic {
  readonly features: bigint;
  readonly queue: VirtioQueue;
  /** The most requests that were in flight at once. */
  deepest = 0;
  /** Requests that came back before an older one. */
  overtaken = 0;
  readonly #options: DiskTrafficOptions;
  readonly #ram: GuestRam;
  readonly #base: PhysicalAddress;
  readonly #mapping: VirtioMapping;
  readonly #sectors: number;
  /** Places in the shared memory that no request has. */
  #free: number[];
  /** The number of the request in each place. */
  readonly #requests: Float64Array;
  readonly #bytes = new Uint8Array(MOST_SECTORS * VIRTIO_BLK_SECTOR_SIZE);
  #submitted = 0;
  #collected = 0;
  #newest = -1;

  constructor(options: DiskTrafficOptions) {
    const { virtIo, access, libraries, image, wants, queueSize, inFlight = 32 } = options;
    this.#options = options;
    this.#ram = libraries.ram;
    this.#sectors = image.length / VIRTIO_BLK_SECTOR_SIZE;
    this.#requests = new Float64Array(inFlight);
    this.#free = this.#places();
    const choose = (offered: bigint): bigint => virtioRingFeatures(access, offered, wants);
    const up = virtioBringUp(virtIo, libraries, { choose }, (features) =>
      virtioQueueInit(virtIo, access, libraries, {
        queue: 0,
        features,
        minimumQueueSize: MOST_SECTORS + 2,
        lengthWithoutWrite: options.lengthWithoutWrite === true,
        ...(queueSize === undefined ? {} : { queueSize }),
      }),
    );
    this.features = up.features;
    this.queue = up.queues.queue;
    const length = inFlight * PLACE;
    this.#base = virtIo.allocateSharedPages(Math.ceil(length / EFI_PAGE_SIZE));
    this.#mapping = virtioMapAllBytesInSharedBuffer(
      virtIo,
      'VirtioOperationBusMasterCommonBuffer',
      { address: this.#base, length },
      length,
    );
  }

  /** What lies in the memory that it shares with the device, but for the queue. */
  get memory(): Uint8Array {
    const bytes = new Uint8Array(this.#requests.length * PLACE);
    this.#ram.readBytes(this.#base, bytes);
    return bytes;
  }

  /** How many requests came back with the right data. */
  get done(): number {
    return this.#collected;
  }

  /** Reads `requests` times more. @throws Error for the first wrong answer */
  run(requests: number): void {
    const { virtIo, bs } = this.#options;
    const { queue } = this;
    const end = this.#collected + requests;
    while (this.#collected < end) {
      this.submit(end - this.#submitted);
      this.deepest = Math.max(this.deepest, queue.inFlight);
      queue.kick();
      virtioQueueAwait(virtIo, bs, queue, PATIENCE);
      this.#accept();
      while (queue.collect()) this.#accept();
    }
  }

  /** Makes up to `most` requests available, as many as there is room for, and does not notify. */
  submit(most: number): void {
    for (let left = most; left > 0; left--) {
      const place = this.#free.at(-1);
      if (place === undefined || !this.#submitOne(place, this.#submitted)) return;
      this.#free.pop();
      this.#submitted++;
    }
  }

  /** Takes the queue away from the device: what was in flight is forgotten, and others take its place. */
  reset(): void {
    this.queue.reset();
    this.#free = this.#places();
    this.#submitted = this.#collected;
    this.#newest = this.#collected - 1;
  }

  #places(): number[] {
    return Array.from(this.#requests, (_, place) => place);
  }

  #submitOne(place: number, request: number): boolean {
    const { queue } = this;
    const sectors = sectorsOf(request);
    if (!queue.begin(sectors + 2)) return false;
    const host = this.#base + place * PLACE;
    const device = this.#mapping.deviceAddress + place * PLACE;
    this.#ram.writeUint32(host, VIRTIO_BLK_T_IN);
    this.#ram.writeUint64(host + 8, this.#sectorOf(request));
    this.#ram.writeUint8(host + STATUS, NO_STATUS);
    queue.append(device, VIRTIO_BLK_REQ_SIZE, false);
    for (let sector = 0; sector < sectors; sector++) {
      const at = device + DATA + sector * VIRTIO_BLK_SECTOR_SIZE;
      queue.append(at, VIRTIO_BLK_SECTOR_SIZE, true);
    }
    queue.append(device + STATUS, 1, true);
    queue.submit(place);
    this.#requests[place] = request;
    return true;
  }

  #accept(): void {
    const { token: place, length } = this.queue.used;
    const request = this.#requests[place] ?? -1;
    const host = this.#base + place * PLACE;
    const size = sectorsOf(request) * VIRTIO_BLK_SECTOR_SIZE;
    const bytes = this.#bytes.subarray(0, size);
    this.#ram.readBytes(host + DATA, bytes);
    const from = this.#sectorOf(request) * VIRTIO_BLK_SECTOR_SIZE;
    const status = this.#ram.readUint8(host + STATUS);
    const right = crc32(this.#options.image.subarray(from, from + size)) === crc32(bytes);
    if (!right || status !== VIRTIO_BLK_S_OK || length !== size + 1) {
      const data = right ? 'right' : 'wrong';
      throw new Error(`request ${request}: data ${data}, status ${status}, used length ${length}`);
    }
    this.#free.push(place);
    this.#collected++;
    if (request < this.#newest) this.overtaken++;
    else this.#newest = request;
    if (this.#collected % INTERRUPTS_FOR === 0) this.#changeInterrupts();
  }

  #changeInterrupts(): void {
    if ((this.#collected / INTERRUPTS_FOR) % 2 === 0) this.queue.disableInterrupts();
    else this.queue.enableInterrupts();
  }

  /** Scattered over the disk: neighbours in time are none in place. */
  #sectorOf(request: number): number {
    return (Math.imul(request, 0x9e37_79b1) >>> 0) % (this.#sectors - MOST_SECTORS);
  }
}

function sectorsOf(request: number): number {
  return 1 + (request % MOST_SECTORS);
}
