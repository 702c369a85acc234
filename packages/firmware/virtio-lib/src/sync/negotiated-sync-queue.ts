import type { DeviceAddress } from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import { VRING_DESC_F_WRITE } from '@dxelab/virtio';
import { virtioQueueAwait, virtioQueueFlush } from '../queue/virtio-queue-flush.ts';
import type { VirtioQueue } from '../queue/virtio-queue.ts';
import type { RingServices } from '../virtio-ring.ts';
import type { VirtioSyncQueue } from './virtio-sync-queue.ts';

/** There is one chain, so it needs no other name. */
const TOKEN = 0;

/** A queue on the ring that was negotiated. */
export class NegotiatedSyncQueue implements VirtioSyncQueue {
  readonly queueSize: number;
  broken: string | undefined = undefined;
  private readonly virtIo: VirtioDevice;
  private readonly bs: RingServices;
  private readonly queue: VirtioQueue;

  constructor(virtIo: VirtioDevice, bs: RingServices, queue: VirtioQueue) {
    this.virtIo = virtIo;
    this.bs = bs;
    this.queue = queue;
    this.queueSize = queue.queueSize;
  }

  prepare(descriptors: number): void {
    if (this.broken !== undefined) {
      throw new EfiError('EFI_DEVICE_ERROR', `${this.broken}, and was not reset since`);
    }
    if (this.queue.begin(descriptors)) return;
    throw new EfiError('EFI_OUT_OF_RESOURCES', `no room for a chain of ${descriptors} descriptors`);
  }

  append(address: DeviceAddress, length: number, flags: number): void {
    this.queue.append(address, length, (flags & VRING_DESC_F_WRITE) !== 0);
  }

  flush(timeout: number, slack: number): number {
    this.queue.submit(TOKEN, slack);
    try {
      return virtioQueueFlush(this.virtIo, this.bs, this.queue, timeout).length;
    } catch (caught) {
      throw this.fail(caught);
    }
  }

  await(timeout: number): number {
    try {
      const { length } = virtioQueueAwait(this.virtIo, this.bs, this.queue, timeout);
      this.broken = undefined;
      return length;
    } catch (caught) {
      throw this.fail(caught);
    }
  }

  /** The chain may still be the device's. */
  private fail(caught: unknown): unknown {
    if (isEfiFailure(caught)) this.broken = this.queue.broken ?? caught.message;
    return caught;
  }
}
