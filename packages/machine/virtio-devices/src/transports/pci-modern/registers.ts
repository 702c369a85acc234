import type { AccessWidth, RegionHandler } from '@dxelab/emulated-machine';
import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { VirtioPciInterrupts } from '../pci/interrupts.ts';
import { CommonConfig } from './common-config.ts';
import { NOTIFY_OFF_MULTIPLIER, STRUCTURE_SIZE } from './structures.ts';

// Which page of the BAR is which structure; constants of this file for the `switch`.
const COMMON = 0;
const ISR = 1;
const DEVICE = 2;
const NOTIFY = 3;
const PAGE_SHIFT = 12;
/** A quotient would be a double, and every queue index with it. */
const NOTIFY_SHIFT = Math.log2(NOTIFY_OFF_MULTIPLIER);

/** The structures behind the BAR. Until the function has joined a machine nobody can reach them. */
export class PciModernRegisters implements RegionHandler {
  private readonly interrupts: VirtioPciInterrupts;
  private core: VirtioDeviceCore | undefined;
  private common: CommonConfig | undefined;

  constructor(interrupts: VirtioPciInterrupts) {
    this.interrupts = interrupts;
  }

  connect(core: VirtioDeviceCore): void {
    this.core = core;
    this.common = new CommonConfig(core, this.interrupts);
  }

  /** Reports a rule that the driver broke on its way to the structures. */
  report(section: string, message: string, fields: Readonly<Record<string, number>>): void {
    this.core?.report(section, message, fields);
  }

  read(offset: number, width: AccessWidth): number {
    const core = this.core;
    const common = this.common;
    if (core === undefined || common === undefined) return 0;
    const at = offset & (STRUCTURE_SIZE - 1);
    switch (offset >>> PAGE_SHIFT) {
      case COMMON:
        return common.read(at, width);
      case ISR:
        return at === 0 ? this.interrupts.readIsr() : 0;
      case DEVICE:
        return core.readConfig(at, width);
      default:
        // What the notification structure reads is not specified.
        return 0;
    }
  }

  write(offset: number, width: AccessWidth, value: number): void {
    const core = this.core;
    if (core === undefined) return;
    const at = offset & (STRUCTURE_SIZE - 1);
    switch (offset >>> PAGE_SHIFT) {
      case NOTIFY:
        this.notify(core, at, width, value);
        return;
      case COMMON:
        this.common?.write(at, width, value);
        return;
      case DEVICE:
        core.driveThrough('modern');
        core.writeConfig(at, width, value);
        return;
      case ISR:
        core.report('4.1.4.5', 'the ISR status was written: it is read', { value });
        return;
      default:
    }
  }

  /** A driver notifies a queue at its address, with its index as the value (virtio §4.1.5.2.1). */
  private notify(core: VirtioDeviceCore, offset: number, width: number, value: number): void {
    if ((offset & (NOTIFY_OFF_MULTIPLIER - 1)) !== 0) {
      core.report('4.1.4.4', `no queue is notified at offset ${offset}`, { offset, value });
      return;
    }
    const queueIndex = offset >>> NOTIFY_SHIFT;
    if (core.ringFeatures.notificationData) {
      this.notifyWithData(core, queueIndex, width, value);
      return;
    }
    if (width !== 2 || value !== queueIndex) {
      const message = `queue ${queueIndex} was notified with ${value} in ${width} bytes: its index, in 2`;
      core.report('4.1.5.2.1', message, { queueIndex, value, width });
    }
    core.notify(queueIndex);
  }

  /** With VIRTIO_F_NOTIFICATION_DATA the upper half of the value says how far the driver has come. */
  private notifyWithData(
    core: VirtioDeviceCore,
    queueIndex: number,
    width: number,
    value: number,
  ): void {
    if (width === 4 && (value & 0xffff) === queueIndex) {
      core.notify(queueIndex, value >>> 16);
      return;
    }
    const message = `queue ${queueIndex} was notified with 0x${value.toString(16)} in ${width} bytes: its index and the next, in 4`;
    core.report('4.1.5.2.1', message, { queueIndex, value, width });
    core.notify(queueIndex);
  }
}
