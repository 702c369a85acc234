import type { EfiBootServices, HostBuffer } from '@dxelab/uefi';
import { EfiError, isEfiFailure, isGuestBuffer, TPL_NOTIFY } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import { deviceError } from '@dxelab/uefi-lib';
import type { VirtioDevice, VirtioMapping } from '@dxelab/virtio';
import {
  VIRTIO_BLK_F_BLK_SIZE,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_F_RO,
  VIRTIO_BLK_F_SEG_MAX,
  VIRTIO_BLK_F_SIZE_MAX,
  VIRTIO_BLK_F_TOPOLOGY,
  VIRTIO_BLK_REQ_SIZE,
  VIRTIO_BLK_S_OK,
  VIRTIO_BLK_SECTOR_SIZE,
  VIRTIO_BLK_T_IN,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
} from '@dxelab/virtio';
import type { VirtioRings, VirtioSyncQueue, VirtioSyncSetup } from '@dxelab/virtio-lib';
import {
  virtioMapAllBytesInSharedBuffer,
  virtioReadConfig,
  virtioSyncInit,
  virtioSyncUninit,
} from '@dxelab/virtio-lib';
import { FreshRequestMemory } from './fresh-request-memory.ts';
import { KeptRequestMemory } from './kept-request-memory.ts';
import type { OpenRequest, RequestMemory } from './request-memory.ts';
import type { TransferLimits } from './transfer-limits.ts';
import { LARGEST_SEGMENT, OVERHEAD, transferLimits } from './transfer-limits.ts';
import type { VirtioBlkConfig } from './virtio-blk-config.ts';
import { readVirtioBlkConfig } from './virtio-blk-config.ts';

/** The request queue of a block device, and the descriptors that a request has at least. */
const REQUEST_QUEUE = 0;
const MINIMUM_QUEUE_SIZE = 3;

const FEATURES =
  VIRTIO_BLK_F_BLK_SIZE | VIRTIO_BLK_F_TOPOLOGY | VIRTIO_BLK_F_RO | VIRTIO_BLK_F_FLUSH;
const LIMITS = VIRTIO_BLK_F_SIZE_MAX | VIRTIO_BLK_F_SEG_MAX;

/** With VirtioBlkDxe.OneDescriptor: what a transfer is cut to is OVMF's own limit. */
const ONE_DESCRIPTOR: TransferLimits = { segment: LARGEST_SEGMENT, request: LARGEST_SEGMENT };

/** How a driver deviates from what it does by itself. */
export interface BlkChoices {
  /** Features that are not taken. Default: none. */
  readonly declined?: bigint | undefined;
  /** Default: OVMF's. */
  readonly rings?: VirtioRings | undefined;
}

interface Started {
  readonly config: VirtioBlkConfig;
  readonly setup: VirtioSyncSetup;
  readonly limits: TransferLimits;
}

/** A running block device and the requests to it, one at a time (virtio §5.2.6). */
export class BlkRequests {
  readonly config: VirtioBlkConfig;
  readonly features: bigint;
  private readonly virtIo: VirtioDevice;
  private readonly bs: EfiBootServices;
  private readonly libraries: ModuleLibraries;
  private readonly choices: BlkChoices;
  private readonly memory: RequestMemory;
  private limits: TransferLimits;
  /** Absent after a reset that the device did not come back from. */
  private setup: VirtioSyncSetup | undefined;

  /** @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR */
  constructor(
    virtIo: VirtioDevice,
    bs: EfiBootServices,
    libraries: ModuleLibraries,
    choices: BlkChoices,
  ) {
    this.virtIo = virtIo;
    this.bs = bs;
    this.libraries = libraries;
    this.choices = choices;
    const { config, setup, limits } = this.start();
    this.config = config;
    this.features = setup.features;
    this.setup = setup;
    this.limits = limits;
    const { quirks, ram } = libraries;
    try {
      this.memory = quirks.has('VirtioBlkDxe.RequestMemoryPerRequest')
        ? new FreshRequestMemory(bs, virtIo, ram)
        : new KeptRequestMemory(virtIo, ram);
    } catch (caught) {
      virtioSyncUninit(virtIo, setup);
      throw caught;
    }
  }

  /**
   * Moves a buffer, in as many requests as the device's limits ask for; a request without a buffer
   * is a command.
   * @param sector in units of 512 bytes
   * @throws EFI_DEVICE_ERROR, whatever failed (UEFI §13.9 knows no other)
   */
  transfer(type: number, sector: number, buffer: HostBuffer | undefined): void {
    if (buffer === undefined || buffer.length <= this.limits.request) {
      this.request(type, sector, buffer);
      return;
    }
    for (let offset = 0; offset < buffer.length; offset += this.limits.request) {
      const length = Math.min(this.limits.request, buffer.length - offset);
      const part = isGuestBuffer(buffer)
        ? { address: buffer.address + offset, length }
        : buffer.subarray(offset, offset + length);
      this.request(type, sector + offset / VIRTIO_BLK_SECTOR_SIZE, part);
    }
  }

  /** Resets the device and sets it up anew. @throws EFI_DEVICE_ERROR if it does not come back */
  reset(): void {
    try {
      this.end();
      const { setup, limits } = this.start();
      this.setup = setup;
      this.limits = limits;
    } catch (caught) {
      throw deviceError('the device could not be set up again', caught);
    }
  }

  /** Stops the device and leaves the memory alone. */
  quiesce(): void {
    this.virtIo.setDeviceStatus(0);
  }

  uninit(): void {
    this.end();
    this.memory.free();
  }

  private start(): Started {
    const oneDescriptor = this.libraries.quirks.has('VirtioBlkDxe.OneDescriptor');
    const known = oneDescriptor ? FEATURES : FEATURES | LIMITS;
    let config: VirtioBlkConfig | undefined;
    const setup = virtioSyncInit(this.virtIo, this.bs, this.libraries, {
      choose: (offered) => {
        config = virtioReadConfig(this.choices.rings?.access, () =>
          readVirtioBlkConfig(this.virtIo, offered & known),
        );
        return known;
      },
      declined: this.choices.declined ?? 0n,
      rings: this.choices.rings,
      queue: REQUEST_QUEUE,
      minimumQueueSize: MINIMUM_QUEUE_SIZE,
    });
    this.libraries.debug.assert(config !== undefined, 'virtioInit asks which features to take');
    if (oneDescriptor) return { config, setup, limits: ONE_DESCRIPTOR };
    try {
      return { config, setup, limits: transferLimits(config, setup.queue.queueSize) };
    } catch (caught) {
      virtioSyncUninit(this.virtIo, setup);
      throw caught;
    }
  }

  private end(): void {
    const setup = this.setup;
    this.setup = undefined;
    if (setup !== undefined) virtioSyncUninit(this.virtIo, setup);
  }

  private request(type: number, sector: number, data: HostBuffer | undefined): void {
    let status: number;
    try {
      const request = this.memory.open(type, sector);
      try {
        status = this.withData(request, type, sector, data);
      } finally {
        request.closeHeader();
      }
    } catch (caught) {
      throw deviceError(`request ${type} at sector ${sector} failed`, caught);
    }
    if (status === VIRTIO_BLK_S_OK) return;
    throw new EfiError(
      'EFI_DEVICE_ERROR',
      `the device answered request ${type} at sector ${sector} with status ${status}`,
    );
  }

  private withData(
    request: OpenRequest,
    type: number,
    sector: number,
    data: HostBuffer | undefined,
  ): number {
    if (data === undefined) return this.withStatus(request, type, sector, undefined);
    const mapping = virtioMapAllBytesInSharedBuffer(
      this.virtIo,
      type === VIRTIO_BLK_T_IN ? 'VirtioOperationBusMasterWrite' : 'VirtioOperationBusMasterRead',
      data,
      data.length,
    );
    let status: number;
    try {
      status = this.withStatus(request, type, sector, mapping);
    } catch (caught) {
      this.unmapAfterFailure(mapping);
      throw caught;
    }
    this.virtIo.unmapSharedBuffer(mapping);
    return status;
  }

  /** The request has failed already: that is what the caller should hear of. */
  private unmapAfterFailure(mapping: VirtioMapping): void {
    try {
      this.virtIo.unmapSharedBuffer(mapping);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
    }
  }

  private withStatus(
    request: OpenRequest,
    type: number,
    sector: number,
    data: VirtioMapping | undefined,
  ): number {
    request.openStatus();
    try {
      // a notification function must not begin a second request while this one is in the ring
      const oldTpl = this.bs.raiseTpl(TPL_NOTIFY);
      try {
        request.fill(type, sector);
        this.submit(this.queue(), request, type, data);
        return request.result();
      } finally {
        this.bs.restoreTpl(oldTpl);
      }
    } finally {
      request.closeStatus();
    }
  }

  private queue(): VirtioSyncQueue {
    if (this.setup !== undefined) return this.setup.queue;
    throw new EfiError('EFI_DEVICE_ERROR', 'the device was reset and did not come back');
  }

  private submit(
    queue: VirtioSyncQueue,
    request: OpenRequest,
    type: number,
    data: VirtioMapping | undefined,
  ): void {
    const { segment } = this.limits;
    const bytes = data === undefined ? 0 : data.numberOfBytes;
    // a quotient is a double: most requests need none
    const parts = bytes > segment ? Math.ceil(bytes / segment) : 1;
    queue.prepare(bytes === 0 ? OVERHEAD : OVERHEAD + parts);
    queue.append(request.header, VIRTIO_BLK_REQ_SIZE, VRING_DESC_F_NEXT);
    if (data !== undefined) {
      const flags =
        type === VIRTIO_BLK_T_IN ? VRING_DESC_F_NEXT | VRING_DESC_F_WRITE : VRING_DESC_F_NEXT;
      for (let offset = 0; offset < bytes; offset += segment) {
        const length = Math.min(segment, bytes - offset);
        queue.append(data.deviceAddress + offset, length, flags);
      }
    }
    queue.append(request.status, 1, VRING_DESC_F_WRITE);
    try {
      queue.flush(0, 0);
    } catch (caught) {
      // the chain may still be the device's: only a reset takes its buffers away from it
      if (queue.broken !== undefined) this.virtIo.setDeviceStatus(0);
      throw caught;
    }
  }
}
