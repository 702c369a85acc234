import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_NOTIFICATION_DATA,
  VIRTIO_F_NOTIFY_ON_EMPTY,
  VIRTIO_F_RING_PACKED,
  VSTAT_DRIVER_OK,
  VSTAT_FAILED,
  VSTAT_FEATURES_OK,
  VSTAT_NEEDS_RESET,
} from '@dxelab/virtio';
import { FeatureNegotiation } from './feature-negotiation.ts';
import { QueueService } from './queue-service.ts';
import { advanceLegacyStatus, advanceStatus } from './status-sequence.ts';
import type { RingFeatures } from '../queue/virtqueue.ts';
import type { DriverInterface, VirtioDeviceEnvironment } from './virtio-device-environment.ts';
import type { VirtioDeviceModel } from './virtio-device-model.ts';
import { VirtioQueue } from './virtio-queue.ts';

/** Enough to see what is wrong, and an end to it where a driver breaks a rule in a loop. */
const MAX_FINDINGS = 1000;

type Fields = Readonly<Record<string, number>>;

/** What the status must not have for requests to be served, and what it must have. */
const DEAD = VSTAT_NEEDS_RESET | VSTAT_FAILED;
const MODERN_LIFE = VSTAT_DRIVER_OK;
/** Legacy drivers may use the device before DRIVER_OK (virtio §3.1.2). */
const LEGACY_LIFE = 0;

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
  readonly ringFeatures: { -readonly [Name in keyof RingFeatures]: boolean } = {
    indirect: false,
    eventIdx: false,
    notifyOnEmpty: false,
    packed: false,
    inOrder: false,
    notificationData: false,
  };
  private readonly environment: VirtioDeviceEnvironment;
  private readonly service: QueueService;
  private readonly resetListeners: (() => void)[] = [];
  private interface: DriverInterface;
  private life: number;
  /** Whether the model knows what was negotiated; there may be no clear moment for it (virtio §3.1.2). */
  private isStarted = false;
  private statusField = 0;
  private generation = 0;
  private configChanged = false;
  private findings = 0;
  /** Why DEVICE_NEEDS_RESET is set. */
  private trouble: string | undefined;

  constructor(model: VirtioDeviceModel, environment: VirtioDeviceEnvironment) {
    const { bus, dma } = environment;
    this.name = environment.name;
    this.model = model;
    this.environment = environment;
    this.interface = environment.driverInterface ?? 'modern';
    this.life = lifeOf(this.interface);
    this.features = new FeatureNegotiation(model.features | environment.features);
    const context = {
      dma,
      features: this.ringFeatures,
      completion: environment.completion,
      random: bus.random,
    };
    this.queues = model.queueSizes.map(
      (size, index) =>
        new VirtioQueue(index, size, context, {
          fault: ({ section, message, fields }) =>
            this.needsReset(section, `queue ${index}: ${message}`, fields),
          remark: ({ section, message, fields }) =>
            this.report(section, `queue ${index}: ${message}`, fields),
        }),
    );
    this.service = new QueueService(this, environment);
    bus.addReporter(() => this.describe());
    model.attach?.({
      name: this.name,
      trace: bus.trace,
      random: bus.random,
      now: () => bus.now(),
      schedule: (at, action) => bus.events.schedule(at, action),
      cancel: (event) => bus.events.cancel(event),
      complete: (queueIndex, chain, written) => this.service.complete(queueIndex, chain, written),
      later: (queueIndex, chain, delay, answer) =>
        this.service.later(queueIndex, chain, delay, answer),
      configChanged: () => this.announceConfig(),
      report: (section, message, fields) => this.report(section, message, fields),
      needsReset: (section, message, fields) => this.needsReset(section, message, fields),
    });
  }

  /** The device status field (virtio §2.1). */
  get status(): number {
    return this.statusField;
  }

  /** Changes when two reads of the configuration may have seen different versions (virtio §2.5). */
  get configGeneration(): number {
    return this.generation;
  }

  /** Whether requests are served: DRIVER_OK, and neither side has given up. */
  get live(): boolean {
    return (this.statusField & (this.life | DEAD)) === this.life;
  }

  /** Whether the driver is held to the rules of the legacy interface. */
  get legacy(): boolean {
    return this.interface === 'legacy';
  }

  /** Where the specification says how the device is notified. */
  get notificationSection(): string {
    return this.environment.transport.notificationSection;
  }

  /** Calls `listener` at every reset, for what a transport has beside the device. */
  onReset(listener: () => void): void {
    this.resetListeners.push(listener);
  }

  /** The driver writes to registers of this interface. It uses one of them from reset to reset. */
  driveThrough(driverInterface: DriverInterface): void {
    if (driverInterface === this.interface) return;
    if (this.statusField === 0) {
      this.interface = driverInterface;
      this.life = lifeOf(driverInterface);
    } else {
      const message = `the ${driverInterface} interface was written to by a driver that has begun with the ${this.interface} one`;
      this.report('4.1.4.10', message, { status: this.statusField });
    }
  }

  /** The driver writes the device status field; 0 resets (virtio §2.1, §3.1.1). */
  writeStatus(value: number): void {
    this.environment.bus.trace?.('virtio_set_status', { device: this.name, value });
    if (value === 0) {
      this.reset();
      return;
    }
    const before = this.statusField;
    const { status, broken } = this.legacy
      ? advanceLegacyStatus(before, value)
      : advanceStatus(before, value, () => this.features.problem());
    for (const { section, message } of broken) this.report(section, message, { before, value });
    this.statusField = status;
    const settled = this.legacy ? VSTAT_DRIVER_OK : VSTAT_FEATURES_OK;
    if ((status & ~before & settled) !== 0) this.start();
  }

  /** Back to the state after power-on: nothing that was under way touches memory any more (virtio §2.4). */
  reset(): void {
    this.environment.bus.trace?.('virtio_reset', { device: this.name });
    for (const queue of this.queues) queue.reset();
    this.statusField = 0;
    this.isStarted = false;
    this.trouble = undefined;
    this.features.reset();
    this.agreeOnRings();
    this.model.reset?.();
    this.environment.transport.reset();
    for (const listener of this.resetListeners) listener();
  }

  /** The driver accepts feature bits `32 * select` and up (virtio §3.1.1, step 4). */
  acceptFeatures(select: number, bits: number): void {
    if ((this.statusField & VSTAT_FEATURES_OK) === 0) this.features.accept(select, bits);
    else this.report('3.1.1', 'features were accepted after FEATURES_OK', { select, bits });
  }

  /** The driver accepts feature bits 0 to 31 through the legacy interface (virtio §3.1.2). */
  acceptLegacyFeatures(bits: number): void {
    if ((this.statusField & VSTAT_DRIVER_OK) !== 0) {
      this.report('3.1.2', 'features were accepted after DRIVER_OK', { bits });
      return;
    }
    const unknown = this.features.acceptLegacy(bits);
    if (unknown !== 0) {
      const message = `features 0x${unknown.toString(16)} were accepted but not offered`;
      this.report('2.2.1', message, { bits });
    }
    this.isStarted = false;
  }

  /** @param width in bytes: 1, 2 or 4. @returns all-ones beyond the end */
  readConfig(offset: number, width: number): number {
    if (this.configChanged) {
      // Here, and not at the change: 8 bits could wrap between two looks of the driver (§4.1.4.3.1).
      this.configChanged = false;
      this.generation = (this.generation + 1) & 0xff;
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
    if ((this.statusField & VSTAT_FEATURES_OK) === 0 && !this.legacy) {
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
    if ((this.statusField & VSTAT_FEATURES_OK) === 0 && !this.legacy) {
      this.report('3.1.1', `queue ${queue.index} was enabled before FEATURES_OK`, {});
    }
    queue.enable();
  }

  /**
   * The driver notifies a queue.
   * @param next how far it has come, with VIRTIO_F_NOTIFICATION_DATA (virtio §2.9)
   */
  notify(queueIndex: number, next?: number): void {
    // Features are final on first use where there is no FEATURES_OK (virtio §3.1.2).
    if (!this.isStarted && this.legacy) this.start();
    this.service.notify(queueIndex, next);
  }

  report(section: string, message: string, fields: Fields = {}): void {
    const { bus } = this.environment;
    if (this.findings++ >= MAX_FINDINGS) return;
    bus.report({ rule: `virtio-1.4 ${section}`, device: this.name, message, fields });
  }

  /** Reports, and does nothing more until it is reset (virtio §2.1.2). */
  needsReset(section: string, message: string, fields: Fields = {}): void {
    this.environment.bus.trace?.('virtio_error', { device: this.name, message });
    this.report(section, `${message}: the device needs a reset`, fields);
    this.trouble ??= `virtio-1.4 ${section}: ${message}`;
    this.statusField |= VSTAT_NEEDS_RESET;
    this.announceConfig();
  }

  /** Lines for the report of a boot that does not end. */
  describe(): readonly string[] {
    const status = `${this.name}: status 0x${this.statusField.toString(16).padStart(2, '0')}`;
    const head = this.trouble === undefined ? status : `${status}, needs a reset (${this.trouble})`;
    return [head, ...this.queues.filter(({ enabled }) => enabled).map((queue) => queue.describe())];
  }

  /** What was negotiated takes effect. */
  private start(): void {
    this.isStarted = true;
    this.agreeOnRings();
    for (const queue of this.queues) queue.agree();
    this.model.start?.(this.features.accepted);
  }

  private agreeOnRings(): void {
    const { accepted } = this.features;
    this.ringFeatures.indirect = (accepted & VIRTIO_F_INDIRECT_DESC) !== 0n;
    this.ringFeatures.eventIdx = (accepted & VIRTIO_F_EVENT_IDX) !== 0n;
    this.ringFeatures.notifyOnEmpty = (accepted & VIRTIO_F_NOTIFY_ON_EMPTY) !== 0n;
    this.ringFeatures.packed = (accepted & VIRTIO_F_RING_PACKED) !== 0n;
    this.ringFeatures.inOrder = (accepted & VIRTIO_F_IN_ORDER) !== 0n;
    this.ringFeatures.notificationData = (accepted & VIRTIO_F_NOTIFICATION_DATA) !== 0n;
  }

  /** Says that the configuration, or DEVICE_NEEDS_RESET, has changed (virtio §3.2.1). */
  private announceConfig(): void {
    this.configChanged = true;
    // Until the driver is ready nothing is sent (§2.4.1); it has yet to read all of it anyway.
    if ((this.statusField & VSTAT_DRIVER_OK) === 0) return;
    this.environment.bus.trace?.('virtio_notify_config', { device: this.name });
    this.environment.transport.notifyConfig();
  }
}

function lifeOf(driverInterface: DriverInterface): number {
  return driverInterface === 'legacy' ? LEGACY_LIFE : MODERN_LIFE;
}
