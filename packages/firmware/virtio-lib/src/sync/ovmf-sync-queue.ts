import type { DeviceAddress } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import { virtioAppendDesc, virtioPrepare } from '../virtio-append-desc.ts';
import { virtioAwait, virtioFlush } from '../virtio-flush.ts';
import type { DescIndices, VirtioRing } from '../virtio-ring.ts';
import type { VirtioSyncQueue } from './virtio-sync-queue.ts';

/** A queue on OVMF's ring, through OVMF's functions. */
export class OvmfSyncQueue implements VirtioSyncQueue {
  readonly queueSize: number;
  private readonly virtIo: VirtioDevice;
  private readonly index: number;
  private readonly ring: VirtioRing;
  private readonly indices: DescIndices;

  constructor(virtIo: VirtioDevice, index: number, ring: VirtioRing) {
    this.virtIo = virtIo;
    this.index = index;
    this.ring = ring;
    this.indices = ring.indices;
    this.queueSize = ring.queueSize;
  }

  get broken(): string | undefined {
    return this.ring.broken;
  }

  prepare(_descriptors: number): void {
    virtioPrepare(this.ring);
  }

  append(address: DeviceAddress, length: number, flags: number): void {
    virtioAppendDesc(this.ring, address, length, flags, this.indices);
  }

  flush(timeout: number, slack: number): number {
    this.indices.writableBytes += slack;
    return virtioFlush(this.virtIo, this.index, this.ring, this.indices, timeout);
  }

  await(timeout: number): number {
    return virtioAwait(this.virtIo, this.index, this.ring, this.indices, timeout);
  }
}
