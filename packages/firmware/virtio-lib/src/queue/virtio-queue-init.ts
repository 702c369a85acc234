import { EfiError } from '@dxelab/uefi';
import type { VirtioDevice, VirtioQueueAccess } from '@dxelab/virtio';
import { VIRTIO_F_RING_PACKED } from '@dxelab/virtio';
import type { RingLibraries } from '../virtio-ring.ts';
import { PackedQueue } from './packed-queue.ts';
import { QueueMemory } from './queue-memory.ts';
import { SplitQueue } from './split-queue.ts';
import type { VirtioQueue } from './virtio-queue.ts';

/** What a driver asks of a queue. */
export interface VirtioQueueInitOptions {
  readonly queue: number;
  /** What was negotiated: `virtioRingFeatures` says what can be. */
  readonly features: bigint;
  /** How many descriptors the longest chain needs. */
  readonly minimumQueueSize: number;
  /**
   * In descriptors, if it is to be smaller than the device's; not on a legacy PCI device. A split ring gets
   * the next lower power of two (virtio §2.7).
   */
  readonly queueSize?: number;
  /** Descriptors of the longest chain that goes into an indirect table. Default: minimumQueueSize. */
  readonly longestTable?: number;
  /**
   * Whether the length in a used descriptor of a packed ring counts without WRITE, too. It is reserved
   * then (virtio §2.8.4), but QEMU never sets WRITE. Default: no.
   */
  readonly lengthWithoutWrite?: boolean;
}

/** A queue that was set up, and what gives its memory back once the device was reset. */
export interface VirtioQueueSetup {
  readonly queue: VirtioQueue;
  readonly free: () => void;
}

/**
 * Sets a queue up for several chains in flight, between FEATURES_OK and DRIVER_OK.
 * @param access undefined on a transport that has none: then nothing but a split ring works
 * @throws EFI_UNSUPPORTED if the queue is too small, EFI_OUT_OF_RESOURCES, and what the transport throws
 */
export function virtioQueueInit(
  virtIo: VirtioDevice,
  access: VirtioQueueAccess | undefined,
  libraries: RingLibraries,
  options: VirtioQueueInitOptions,
): VirtioQueueSetup {
  const { queue: index, features, minimumQueueSize, longestTable = minimumQueueSize } = options;
  virtIo.setQueueSel(index);
  const largest = virtIo.getQueueNumMax();
  const packed = (features & VIRTIO_F_RING_PACKED) !== 0n;
  const wanted = Math.min(options.queueSize ?? largest, largest);
  const queueSize = packed || wanted === 0 ? wanted : 2 ** Math.floor(Math.log2(wanted));
  if (queueSize < Math.max(minimumQueueSize, 1)) {
    const message = `virtqueue ${index} has ${queueSize} descriptors`;
    throw new EfiError('EFI_UNSUPPORTED', `${message}, but a request needs ${minimumQueueSize}`);
  }
  const shape = { index, queueSize, features, longestTable: Math.min(longestTable, queueSize) };
  const memory = new QueueMemory(shape, { virtIo, access, libraries });
  try {
    const queue = packed
      ? new PackedQueue(index, features, memory, libraries, options.lengthWithoutWrite)
      : new SplitQueue(index, features, memory, libraries);
    memory.publish();
    return { queue, free: () => memory.free() };
  } catch (caught) {
    memory.free();
    throw caught;
  }
}
