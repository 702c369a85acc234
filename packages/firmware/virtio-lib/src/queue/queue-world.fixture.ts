import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import type { HostBuffer } from '@dxelab/uefi';
import { isGuestBuffer } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import type { VirtioMapping, VirtioQueueAccess, VirtqueueAreas, VRing } from '@dxelab/virtio';
import { VIRTIO_F_EVENT_IDX, VIRTIO_F_IN_ORDER, VIRTIO_F_RING_PACKED } from '@dxelab/virtio';
import { RingDevice } from '../ring-device.fixture.ts';
import type { RingLibraries } from '../virtio-ring.ts';
import type { ModelChain, ModelDevice } from './model-device.fixture.ts';
import { PackedModel, SplitModel } from './model-device.fixture.ts';
import { VIRTIO_RING_FEATURES } from './ring-features.ts';
import type { VirtioQueueSetup } from './virtio-queue-init.ts';
import { virtioQueueInit } from './virtio-queue-init.ts';
import type { VirtioQueue } from './virtio-queue.ts';

/** What a loop asks too often for an assertion. */
export function must(condition: boolean, what: string): void {
  if (!condition) throw new TypeError(what);
}

export interface QueueWorldOptions {
  readonly features?: bigint;
  readonly queueSize?: number;
  readonly longestTable?: number;
  readonly lengthWithoutWrite?: boolean;
  /** In bytes. */
  readonly ramSize?: number;
}

/** A driver's queue and a model of a device at the two ends of one memory. */
export class QueueWorld extends RingDevice implements VirtioQueueAccess {
  readonly ringFeatures: bigint = VIRTIO_RING_FEATURES;
  readonly bigRam: GuestRam;
  readonly bigLibraries: RingLibraries;
  readonly features: bigint;
  readonly setup: VirtioQueueSetup;
  readonly queue: VirtioQueue;
  model: ModelDevice;
  areas = { descriptor: 0, driver: 0, device: 0 };
  /** What happens at each fence of the driver. */
  onFence: () => void = () => {};
  #pages = 0x1000;

  constructor(options: QueueWorldOptions = {}) {
    super();
    const { features = 0n, queueSize = 4, ramSize = 0x10_0000 } = options;
    const storage = new LocalRam([{ base: 0, bytes: new Uint8Array(ramSize) }]);
    this.bigRam = new GuestRam(new Cycles(() => {}), storage, storage.ranges[0]);
    this.bigLibraries = {
      ram: this.bigRam,
      quirks: new Quirks('specification'),
      memoryFence: () => this.onFence(),
    };
    this.features = features;
    this.queueNumMax = queueSize;
    this.model = new SplitModel(this.bigRam, this.#modelRing());
    this.setup = virtioQueueInit(this, this, this.bigLibraries, {
      queue: 0,
      features,
      minimumQueueSize: 1,
      longestTable: options.longestTable ?? 4,
      lengthWithoutWrite: options.lengthWithoutWrite === true,
    });
    this.queue = this.setup.queue;
  }

  /** Submits a chain of `buffers`, each [address, length, writable]. */
  submit(token: number, ...buffers: (readonly [number, number, boolean])[]): boolean {
    if (!this.queue.begin(buffers.length)) return false;
    for (const [address, length, writable] of buffers) this.queue.append(address, length, writable);
    this.queue.submit(token);
    return true;
  }

  /** Takes a chain that is sure to be there. */
  take(): ModelChain {
    const chain = this.model.take();
    if (chain === undefined) throw new TypeError('no chain is available');
    return chain;
  }

  /** Lets the device use all that is there, each chain with its full length. @returns how many */
  serve(): number {
    for (let served = 0; ; served += 1) {
      const chain = this.model.take();
      if (chain === undefined) return served;
      const writable = chain.buffers.filter((each) => each.writable);
      this.model.use(
        [chain],
        writable.reduce((sum, { length }) => sum + length, 0),
      );
    }
  }

  override setQueueAddress(ring: VRing, ringBaseShift: number): void {
    super.setQueueAddress(ring, ringBaseShift);
    this.#publish(ring.desc, ring.avail, ring.used);
  }

  setQueueAreas({ descriptor, driver, device }: VirtqueueAreas): void {
    this.log.push('areas');
    this.#publish(descriptor, driver, device);
  }

  setQueueNotifyData(index: number, next: number): void {
    this.log.push(`notify ${index} 0x${next.toString(16)}`);
  }

  resetQueue(index: number): void {
    this.log.push(`reset ${index}`);
  }

  getConfigGeneration(): number {
    return 0;
  }

  override allocateSharedPages(pages: number): number {
    const page = this.#pages;
    this.#pages += pages * 0x1000;
    return page;
  }

  override mapSharedBuffer(_operation: string, host: HostBuffer, length: number): VirtioMapping {
    const address: number = isGuestBuffer(host) ? host.address : 0;
    return { deviceAddress: address, numberOfBytes: length };
  }

  #publish(desc: number, driver: number, device: number): void {
    this.areas = { descriptor: desc, driver, device };
    const packed = (this.features & VIRTIO_F_RING_PACKED) !== 0n;
    const Model = packed ? PackedModel : SplitModel;
    this.model = new Model(this.bigRam, this.#modelRing());
  }

  #modelRing(): ConstructorParameters<typeof SplitModel>[1] {
    return {
      size: this.queueNumMax,
      desc: this.areas.descriptor,
      driver: this.areas.driver,
      device: this.areas.device,
      eventIdx: (this.features & VIRTIO_F_EVENT_IDX) !== 0n,
      inOrder: (this.features & VIRTIO_F_IN_ORDER) !== 0n,
    };
  }
}
