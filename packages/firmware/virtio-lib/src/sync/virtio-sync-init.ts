import type { Unwind } from '@dxelab/uefi-lib';
import type { VirtioDevice, VirtioQueueAccess } from '@dxelab/virtio';
import { virtioRingFeatures } from '../queue/ring-features.ts';
import { virtioQueueInit } from '../queue/virtio-queue-init.ts';
import type { VirtioInitOptions, VirtioQueueOptions } from '../virtio-init.ts';
import { virtioBringUp, virtioRingSetUp } from '../virtio-init.ts';
import type { RingLibraries, RingServices } from '../virtio-ring.ts';
import { virtioRingUninit } from '../virtio-ring-init.ts';
import { NegotiatedSyncQueue } from './negotiated-sync-queue.ts';
import { OvmfSyncQueue } from './ovmf-sync-queue.ts';
import type { VirtioSyncQueue } from './virtio-sync-queue.ts';

/** What a driver asks its rings to be like, when they are not to be OVMF's. */
export interface VirtioRingOptions {
  /** Of VIRTIO_RING_FEATURES: those that device and transport allow are taken. Default: none. */
  readonly wants?: bigint;
  /** In descriptors, if queues are to be smaller than the device's. */
  readonly queueSize?: number;
  /** As in VirtioQueueInitOptions: for QEMU's packed rings. Default: no. */
  readonly lengthWithoutWrite?: boolean;
}

/** The same with what the transport offers for it. */
export interface VirtioRings extends VirtioRingOptions {
  /** Undefined on a transport that has none. */
  readonly access: VirtioQueueAccess | undefined;
}

export interface VirtioSyncInitOptions extends VirtioInitOptions {
  /** Default: OVMF's rings. */
  readonly rings?: VirtioRings | undefined;
}

/** A device that is ready to work for a synchronous driver. */
export interface VirtioSyncSetup {
  readonly features: bigint;
  readonly queue: VirtioSyncQueue;
  /** As `moreQueues` asked for them. */
  readonly moreQueues: readonly VirtioSyncQueue[];
  /** Gives the memory of the queues back. */
  readonly free: () => void;
}

interface OwnedQueue {
  readonly queue: VirtioSyncQueue;
  readonly free: () => void;
}

/**
 * `virtioInit` for a driver that does not mind which ring it has.
 * @throws as `virtioInit`
 */
export function virtioSyncInit(
  virtIo: VirtioDevice,
  bs: RingServices,
  libraries: RingLibraries,
  options: VirtioSyncInitOptions,
): VirtioSyncSetup {
  const { rings } = options;
  const choose = (offered: bigint): bigint => {
    const chosen = options.choose(offered);
    if (rings === undefined) return chosen;
    return chosen | virtioRingFeatures(rings.access, offered, rings.wants ?? 0n);
  };
  const configure = (): void => options.configure?.();
  const declined = options.declined ?? 0n;
  const { features, queues } = virtioBringUp(
    virtIo,
    libraries,
    { choose, configure, declined },
    (negotiated, unwind) =>
      [options, ...(options.moreQueues ?? [])].map((queue) =>
        rings === undefined
          ? ovmfQueue(virtIo, bs, libraries, queue, unwind)
          : negotiatedQueue(virtIo, bs, libraries, queue, rings, negotiated, unwind),
      ),
  );
  const [first, ...others] = queues.map(({ queue }) => queue);
  if (first === undefined) throw new TypeError('a driver has a queue at least');
  return {
    features,
    queue: first,
    moreQueues: others,
    free: () => {
      for (const { free } of queues) free();
    },
  };
}

/** Resets a device, which ends all it does, and frees its queues. */
export function virtioSyncUninit(virtIo: VirtioDevice, setup: VirtioSyncSetup): void {
  virtIo.setDeviceStatus(0);
  setup.free();
}

function ovmfQueue(
  virtIo: VirtioDevice,
  bs: RingServices,
  libraries: RingLibraries,
  options: VirtioQueueOptions,
  unwind: Unwind,
): OwnedQueue {
  const { ring, mapping } = virtioRingSetUp(virtIo, bs, libraries, options, unwind);
  return {
    queue: new OvmfSyncQueue(virtIo, options.queue, ring),
    free: () => {
      virtIo.unmapSharedBuffer(mapping.mapping);
      virtioRingUninit(virtIo, ring);
    },
  };
}

function negotiatedQueue(
  virtIo: VirtioDevice,
  bs: RingServices,
  libraries: RingLibraries,
  { queue: index, minimumQueueSize }: VirtioQueueOptions,
  { access, queueSize, lengthWithoutWrite = false }: VirtioRings,
  features: bigint,
  unwind: Unwind,
): OwnedQueue {
  const { queue, free } = virtioQueueInit(virtIo, access, libraries, {
    queue: index,
    features,
    minimumQueueSize,
    lengthWithoutWrite,
    ...(queueSize === undefined ? {} : { queueSize }),
  });
  unwind.push(free);
  return { queue: new NegotiatedSyncQueue(virtIo, bs, queue), free };
}
