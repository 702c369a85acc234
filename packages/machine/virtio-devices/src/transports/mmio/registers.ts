import type { AccessWidth, RegionHandler } from '@dxelab/emulated-machine';
import {
  VIRTIO_MMIO_CONFIG,
  VIRTIO_MMIO_INT_CONFIG,
  VIRTIO_MMIO_INT_VRING,
  VIRTIO_MMIO_MAGIC,
} from '@dxelab/virtio';
import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { VirtioMmioInterrupts } from './interrupts.ts';
import { LegacyQueueRegisters } from './legacy-queue-registers.ts';
import { ModernQueueRegisters } from './modern-queue-registers.ts';
import type { QueueRegisters } from './queue-registers.ts';
import type { VirtioMmioVersion } from './identity.ts';
import { VENDOR_ID } from './identity.ts';

// Registers that both versions have (virtio §4.2.2): constants of this file, because imported ones are
// slow in a `switch` under Vitest.
const MAGIC_VALUE = 0x000;
const VERSION = 0x004;
const DEVICE_ID = 0x008;
const VENDOR = 0x00c;
const DEVICE_FEATURES = 0x010;
const DEVICE_FEATURES_SEL = 0x014;
const DRIVER_FEATURES = 0x020;
const DRIVER_FEATURES_SEL = 0x024;
const QUEUE_SEL = 0x030;
const QUEUE_NOTIFY = 0x050;
const INTERRUPT_STATUS = 0x060;
const INTERRUPT_ACK = 0x064;
const STATUS = 0x070;

const EVENTS = VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG;

/** What drivers may do to the registers, by version. */
const DRIVER_REQUIREMENTS = { 1: '4.2.4', 2: '4.2.2.2' } as const;

/** The registers of one device, of either version, and its configuration behind them. */
export class MmioRegisters implements RegionHandler {
  private readonly core: VirtioDeviceCore;
  private readonly interrupts: VirtioMmioInterrupts;
  private readonly version: VirtioMmioVersion;
  private readonly section: string;
  private readonly queues: QueueRegisters;
  /** `undefined` before the driver has chosen. */
  private deviceFeaturesSel: number | undefined;
  private driverFeaturesSel: number | undefined;

  constructor(
    core: VirtioDeviceCore,
    interrupts: VirtioMmioInterrupts,
    version: VirtioMmioVersion,
  ) {
    this.core = core;
    this.interrupts = interrupts;
    this.version = version;
    this.section = DRIVER_REQUIREMENTS[version];
    this.queues =
      version === 1
        ? new LegacyQueueRegisters(core, this.section)
        : new ModernQueueRegisters(core, this.section);
    core.onReset(() => {
      this.deviceFeaturesSel = undefined;
      this.driverFeaturesSel = undefined;
    });
  }

  read(offset: number, width: AccessWidth): number {
    const core = this.core;
    if (offset >= VIRTIO_MMIO_CONFIG) return core.readConfig(offset - VIRTIO_MMIO_CONFIG, width);
    if (width !== 4) {
      this.reportWidth('read', offset, width);
      return 0;
    }
    switch (offset) {
      case INTERRUPT_STATUS:
        return this.interrupts.status;
      case STATUS:
        return core.status;
      case MAGIC_VALUE:
        return VIRTIO_MMIO_MAGIC;
      case VERSION:
        return this.version;
      case DEVICE_ID:
        return core.model.deviceType;
      case VENDOR:
        return VENDOR_ID;
      case DEVICE_FEATURES:
        return this.readFeatures();
      default:
        return this.queues.read(offset) ?? this.refuse('read', offset);
    }
  }

  write(offset: number, width: AccessWidth, value: number): void {
    const core = this.core;
    if (offset >= VIRTIO_MMIO_CONFIG) {
      core.writeConfig(offset - VIRTIO_MMIO_CONFIG, width, value);
      return;
    }
    if (width !== 4) {
      this.reportWidth('written', offset, width);
      return;
    }
    switch (offset) {
      case QUEUE_NOTIFY:
        // Which queue, and with VIRTIO_F_NOTIFICATION_DATA in the upper half how far (virtio §4.2.3.3).
        if (core.ringFeatures.notificationData) core.notify(value & 0xffff, value >>> 16);
        else core.notify(value);
        return;
      case QUEUE_SEL:
        this.queues.select(value);
        return;
      case INTERRUPT_ACK:
        this.acknowledge(value);
        return;
      case STATUS:
        core.writeStatus(value & 0xff);
        return;
      case DEVICE_FEATURES_SEL:
        this.deviceFeaturesSel = value;
        return;
      case DRIVER_FEATURES_SEL:
        this.driverFeaturesSel = value;
        return;
      case DRIVER_FEATURES:
        this.writeFeatures(value);
        return;
      default:
        if (!this.queues.write(offset, value)) this.refuse('written', offset);
    }
  }

  private readFeatures(): number {
    const { features } = this.core;
    const select = this.deviceFeaturesSel ?? 0;
    if (this.version === 1) return select === 0 ? features.legacyOffered : 0;
    this.checkSelected('DeviceFeatures', this.deviceFeaturesSel);
    return features.deviceFeature(select);
  }

  private writeFeatures(bits: number): void {
    const select = this.driverFeaturesSel ?? 0;
    if (this.version === 2) {
      this.checkSelected('DriverFeatures', this.driverFeaturesSel);
      this.core.acceptFeatures(select, bits);
    } else if (select === 0) {
      this.core.acceptLegacyFeatures(bits);
    } else if (bits !== 0) {
      const message = `features from bit ${32 * select} on were accepted, which legacy devices do not have`;
      this.core.report(this.section, message, { select, bits });
    }
  }

  /** Legacy drivers rely on 0, which is what a reset selects. */
  private checkSelected(register: string, select: number | undefined): void {
    if (select !== undefined) return;
    const message = `${register} was used before ${register}Sel was written`;
    this.core.report(this.section, message);
  }

  private acknowledge(events: number): void {
    if ((events & ~EVENTS) !== 0) {
      const message = `undefined bits 0x${events.toString(16)} were set in InterruptACK`;
      this.core.report(this.section, message, { events });
    }
    this.interrupts.acknowledge(events);
  }

  private refuse(what: 'read' | 'written', offset: number): number {
    const message = `the register at 0x${offset.toString(16)} was ${what}: there is none for that`;
    this.core.report(this.section, message, { offset });
    return 0;
  }

  private reportWidth(what: string, offset: number, width: number): void {
    const message = `the register at 0x${offset.toString(16)} was ${what} with ${width} bytes: 4, aligned`;
    this.core.report(this.section, message, { offset, width });
  }
}
