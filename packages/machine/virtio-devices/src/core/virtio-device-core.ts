import type { Dma, MachineBus } from '@dxelab/emulated-machine';
import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_INDIRECT_DESC,
  VSTAT_DRIVER_OK,
  VSTAT_FAILED,
  VSTAT_FEATURES_OK,
  VSTAT_NEEDS_RESET,
} from '@dxelab/virtio';
import { FeatureNegotiation } from './feature-negotiation.ts';
import { QueueService } from './queue-service.ts';
import { advanceStatus } from './status-sequence.ts';
import type { VirtioDeviceModel } from './virtio-device-model.ts';
import { VirtioQueue } from './virtio-queue.ts';

/** What a transport does for the device that is plugged into it. */
export interface VirtioTransport {
  /** Sends a used buffer notification (virtio §2.3). */
  notifyQueue(queueIndex: number): void;
  /** Sends a configuration change notification (virtio §2.3). */
  notifyConfig(): void;
}

/** What a device stands on. */
export interface VirtioDeviceEnvironment {
  /** As reports and traces show it. */
  readonly name: string;
  readonly bus: MachineBus;
  /** The device's view of RAM. */
  readonly dma: Dma;
  readonly transport: VirtioTransport;
  /** The feature bits of rings and transport that are offered beside the model's (virtio §6). */
  readonly features: bigint;
  /** What goes into the used ring in place of the truth: for a device that lies. */
  readonly usedElement?: UsedElementLie | undefined;
}

/** @param element what an honest device would write into the used ring of queue `queueIndex` */
export type UsedElementLie = (element: UsedElement, queueIndex: number) => UsedElement;

/** An element of the used ring (virtio §2.7.8). */
export interface UsedElement {
  /** Which chain: the index of its first descriptor. */
  readonly id: number;
  /** How many bytes of it were written. */
  readonly length: number;
}

/** Enough to see what is wrong, and an end to it where a driver breaks a rule in a loop. */
const MAX_FINDINGS = 1000;

type Fields = Readonly<Record<string, number>>;

/**
 * A virtio device as every transport shows it: status, features, configuration and queues (virtio §2).
 * A transport only turns its registers into these calls; the model only sees chains.
 */
export class VirtioDeviceCore {
  readonly name: string;
  readonly model: VirtioDeviceModel;
  readonly features: FeatureNegotiation;
  readonly queues: readonly VirtioQueue[];
  /** What was negotiated for the rings. */
  readonly ringFeatures: { indirect: boolean; eventIdx: boolean } = {
    indirect: false,
    eventIdx: false,
  };
  readonly #environment: VirtioDeviceEnvironment;
  readonly #service: QueueService;
  #status = 0;
  #generation = 0;
  #configChanged = false;
  #findings = 0;
  /** Why DEVICE_NEEDS_RESET is set. */
  #trouble: string | undefined;

  constructor(model: VirtioDeviceModel, environment: VirtioDeviceEnvironment) {
    const { bus, dma } = environment;
    this.name = environment.name;
    this.model = model;
    this.#environment = environment;
    this.features = new FeatureNegotiation(model.features | environment.features);
    this.queues = model.queueSizes.map(
      (size, index) =>
        new VirtioQueue(index, size, dma, this.ringFeatures, {
          fault: ({ section, message, fields }) =>
            this.needsReset(section, `queue ${index}: ${message}`, fields),
          remark: ({ section, message, fields }) =>
            this.report(section, `queue ${index}: ${message}`, fields),
        }),
    );
    this.#service = new QueueService(this, environment);
    bus.addReporter(() => this.describe());
    model.attach?.({
      name: this.name,
      trace: bus.trace,
      random: bus.random,
      now: () => bus.now(),
      schedule: (at, action) => bus.events.schedule(at, action),
      cancel: (event) => bus.events.cancel(event),
      complete: (queueIndex, chain, written) => this.#service.complete(queueIndex, chain, written),
      later: (queueIndex, chain, delay, answer) =>
        this.#service.later(queueIndex, chain, delay, answer),
      configChanged: () => this.#announceConfig(),
      report: (section, message, fields) => this.report(section, message, fields),
      needsReset: (section, message, fields) => this.needsReset(section, message, fields),
    });
  }

  /** The device status field (virtio §2.1). */
  get status(): number {
    return this.#status;
  }

  /** Changes when two reads of the configuration may have seen different versions (virtio §2.5). */
  get configGeneration(): number {
    return this.#generation;
  }

  /** Whether requests are served: DRIVER_OK, and neither side has given up. */
  get live(): boolean {
    return (
      (this.#status & (VSTAT_DRIVER_OK | VSTAT_NEEDS_RESET | VSTAT_FAILED)) === VSTAT_DRIVER_OK
    );
  }

  /** The driver writes the device status field; 0 resets (virtio §2.1, §3.1.1). */
  writeStatus(value: number): void {
    this.#environment.bus.trace?.('virtio_set_status', { device: this.name, value });
    if (value === 0) {
      this.reset();
      return;
    }
    const before = this.#status;
    const { status, broken } = advanceStatus(before, value, () => this.features.problem());
    for (const { section, message } of broken) this.report(section, message, { before, value });
    this.#status = status;
    if ((status & ~before & VSTAT_FEATURES_OK) !== 0) this.#start();
  }

  /** Back to the state after power-on: nothing that was under way touches memory any more (virtio §2.4). */
  reset(): void {
    this.#environment.bus.trace?.('virtio_reset', { device: this.name });
    for (const queue of this.queues) queue.reset();
    this.#status = 0;
    this.#trouble = undefined;
    this.features.reset();
    this.ringFeatures.indirect = false;
    this.ringFeatures.eventIdx = false;
    this.model.reset?.();
  }

  /** The driver accepts feature bits `32 * select` and up (virtio §3.1.1, step 4). */
  acceptFeatures(select: number, bits: number): void {
    if ((this.#status & VSTAT_FEATURES_OK) === 0) this.features.accept(select, bits);
    else this.report('3.1.1', 'features were accepted after FEATURES_OK', { select, bits });
  }

  /** @param width in bytes: 1, 2 or 4. @returns all-ones beyond the end */
  readConfig(offset: number, width: number): number {
    if (this.#configChanged) {
      // Here, and not at the change: 8 bits could wrap between two looks of the driver (§4.1.4.3.1).
      this.#configChanged = false;
      this.#generation = (this.#generation + 1) & 0xff;
    }
    const { config } = this.model;
    if (offset + width > config.length) {
      const message = `${width} bytes at ${offset} of a configuration of ${config.length} were read`;
      this.report('2.5.1', message, { offset, width });
      return 2 ** (8 * width) - 1;
    }
    let value = 0;
    for (let at = offset + width - 1; at >= offset; at--) value = value * 0x100 + (config[at] ?? 0);
    return value;
  }

  writeConfig(offset: number, width: number, value: number): void {
    if ((this.#status & VSTAT_FEATURES_OK) === 0) {
      this.report('3.1.1', 'the configuration was written before FEATURES_OK', { offset, value });
    }
    if (this.model.writeConfig !== undefined && offset + width <= this.model.config.length) {
      this.model.writeConfig(offset, width, value);
    } else {
      const message = 'a part of the configuration that cannot be written was written';
      this.report('2.5', message, { offset, width, value });
    }
  }

  /** The driver enables a queue, all of whose other registers are set (virtio §4.1.4.3.2). */
  enableQueue(queue: VirtioQueue): void {
    if ((this.#status & VSTAT_FEATURES_OK) === 0) {
      this.report('3.1.1', `queue ${queue.index} was enabled before FEATURES_OK`, {});
    }
    queue.enable();
  }

  /** The driver notifies a queue. */
  notify(queueIndex: number): void {
    this.#service.notify(queueIndex);
  }

  report(section: string, message: string, fields: Fields = {}): void {
    const { bus } = this.#environment;
    if (this.#findings++ >= MAX_FINDINGS) return;
    bus.report({ rule: `virtio-1.4 ${section}`, device: this.name, message, fields });
  }

  /** Reports, and does nothing more until it is reset (virtio §2.1.2). */
  needsReset(section: string, message: string, fields: Fields = {}): void {
    this.#environment.bus.trace?.('virtio_error', { device: this.name, message });
    this.report(section, `${message}: the device needs a reset`, fields);
    this.#trouble ??= `virtio-1.4 ${section}: ${message}`;
    this.#status |= VSTAT_NEEDS_RESET;
    this.#announceConfig();
  }

  /** Lines for the report of a boot that does not end. */
  describe(): readonly string[] {
    const status = `${this.name}: status 0x${this.#status.toString(16).padStart(2, '0')}`;
    const head =
      this.#trouble === undefined ? status : `${status}, needs a reset (${this.#trouble})`;
    return [head, ...this.queues.filter(({ enabled }) => enabled).map((queue) => queue.describe())];
  }

  #start(): void {
    const { accepted } = this.features;
    this.ringFeatures.indirect = (accepted & VIRTIO_F_INDIRECT_DESC) !== 0n;
    this.ringFeatures.eventIdx = (accepted & VIRTIO_F_EVENT_IDX) !== 0n;
    this.model.start?.(accepted);
  }

  /** Says that the configuration, or DEVICE_NEEDS_RESET, has changed (virtio §3.2.1). */
  #announceConfig(): void {
    this.#configChanged = true;
    // Until the driver is ready nothing is sent (§2.4.1); it has yet to read all of it anyway.
    if ((this.#status & VSTAT_DRIVER_OK) === 0) return;
    this.#environment.bus.trace?.('virtio_notify_config', { device: this.name });
    this.#environment.transport.notifyConfig();
  }
}
