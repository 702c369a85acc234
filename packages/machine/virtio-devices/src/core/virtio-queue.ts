import type { Dma, Random } from '@dxelab/emulated-machine';
import { uint64 } from '@dxelab/platform';
import { Completions } from '../queue/completions.ts';
import type { CompletionMode } from '../queue/completions.ts';
import { PackedVirtqueue } from '../queue/packed-virtqueue.ts';
import { SplitVirtqueue } from '../queue/split-virtqueue.ts';
import type { QueueOwner, RingFeatures, Virtqueue } from '../queue/virtqueue.ts';

/** The 64-bit address of `half` 0 (lower) or 1 of each part; in the order of the registers. */
export const QUEUE_DESC = 0;
export const QUEUE_DRIVER = 2;
export const QUEUE_DEVICE = 4;

/** What the queues of a device have in common. */
export interface QueueContext {
  readonly dma: Dma;
  /** As they are now: they may be negotiated after the queue was made. */
  readonly features: RingFeatures;
  /** How chains are given back. Default: each, and with VIRTIO_F_IN_ORDER in batches. */
  readonly completion: CompletionMode | undefined;
  /** For chains that are given back in any order. */
  readonly random: Random;
}

/** One queue as a driver sets it up: its registers, its rings, and what was seen of it for reports. */
export class VirtioQueue {
  readonly index: number;
  /** 0 if there is no such queue. */
  readonly maxSize: number;
  /** Split, or packed once a driver that negotiated it has enabled the queue. */
  ring: Virtqueue;
  /** `undefined` if every chain is given back as soon as it is answered. */
  completions: Completions | undefined;
  /** In descriptors: what the driver has chosen. */
  size: number;
  enabled = false;
  /** Lower and upper halves of the addresses of the parts: of a split ring table, available, used. */
  readonly addresses: Uint32Array = new Uint32Array(6);
  /** When the driver last notified, in nanoseconds since power-on; -1 before the first time. */
  lastNotification = -1;
  /** How many chains were taken and given back since power-on. */
  taken = 0;
  used = 0;
  readonly #context: QueueContext;
  readonly #owner: QueueOwner;

  constructor(index: number, maxSize: number, context: QueueContext, owner: QueueOwner) {
    this.index = index;
    this.maxSize = maxSize;
    this.size = maxSize;
    this.#context = context;
    this.#owner = owner;
    this.ring = new SplitVirtqueue(context.dma, context.features, owner);
  }

  enable(): void {
    const { dma, features, completion, random } = this.#context;
    const { packed, inOrder } = features;
    if (packed !== this.ring.packed) {
      this.ring = new (packed ? PackedVirtqueue : SplitVirtqueue)(dma, features, this.#owner);
    }
    this.enabled = true;
    this.ring.start(this.size, {
      desc: this.#address(QUEUE_DESC),
      driver: this.#address(QUEUE_DRIVER),
      device: this.#address(QUEUE_DEVICE),
    });
    const mode = completion ?? (inOrder ? 'batch' : 'each');
    const isImmediate = mode === 'each' && !inOrder;
    this.completions = isImmediate ? undefined : new Completions(this.size, mode, inOrder, random);
  }

  /** The features of the rings are negotiated: a queue that was enabled too early starts anew. */
  agree(): void {
    const { packed, inOrder } = this.#context.features;
    if (this.enabled && (packed || inOrder)) this.enable();
  }

  /** Out of use; what was configured stays. */
  disable(): void {
    this.ring.stop();
    this.completions = undefined;
    this.enabled = false;
  }

  /** Back to the state after power-on (virtio §2.6.1.1.1). */
  reset(): void {
    this.disable();
    this.size = this.maxSize;
    this.addresses.fill(0);
  }

  /** A line for the report of a boot that does not end. */
  describe(): string {
    const { index, size, ring, taken, used } = this;
    const waiting = ring.unnoticed();
    const notified =
      this.lastNotification < 0
        ? 'never notified'
        : `last notified at ${(this.lastNotification / 1e6).toFixed(3)} ms`;
    return [
      `  queue ${index} of ${size}: ${taken + waiting} made available, ${taken} taken, ${used} used`,
      notified,
      ...(waiting > 0 ? [`${waiting} made available without notification`] : []),
      ...(ring.pending > 0 ? [`${ring.pending} in work`] : []),
    ].join(', ');
  }

  /** From 2^53 on it is rounded: no device can reach that, and Dma refuses it. */
  #address(part: number): number {
    return uint64(this.addresses[part] ?? 0, this.addresses[part + 1] ?? 0);
  }
}
