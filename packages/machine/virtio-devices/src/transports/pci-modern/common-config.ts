import { VIRTIO_MSI_NO_VECTOR } from '@dxelab/virtio';
import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import { checkVector } from '../pci/interrupts.ts';
import type { VirtioPciInterrupts } from '../pci/interrupts.ts';
import { registerWidths } from '../register-widths.ts';
import { SelectedQueue } from '../selected-queue.ts';

// struct virtio_pci_common_cfg (virtio §4.1.4.3): constants of this file, because imported ones are
// slow in a `switch` under Vitest.
const DEVICE_FEATURE_SELECT = 0x00;
const DEVICE_FEATURE = 0x04;
const DRIVER_FEATURE_SELECT = 0x08;
const DRIVER_FEATURE = 0x0c;
const CONFIG_MSIX_VECTOR = 0x10;
const NUM_QUEUES = 0x12;
const DEVICE_STATUS = 0x14;
const CONFIG_GENERATION = 0x15;
const QUEUE_SELECT = 0x16;
const QUEUE_SIZE = 0x18;
const QUEUE_MSIX_VECTOR = 0x1a;
const QUEUE_ENABLE = 0x1c;
const QUEUE_NOTIFY_OFF = 0x1e;
const QUEUE_DESC = 0x20;
const QUEUE_RESET = 0x3a;

/** How wide the register at each offset is, in bytes; 0 where none begins. */
const WIDTHS = registerWidths(0x3c, {
  1: [DEVICE_STATUS, CONFIG_GENERATION],
  2: [
    CONFIG_MSIX_VECTOR,
    NUM_QUEUES,
    QUEUE_SELECT,
    QUEUE_SIZE,
    QUEUE_MSIX_VECTOR,
    QUEUE_ENABLE,
    QUEUE_NOTIFY_OFF,
    QUEUE_RESET,
  ],
  // The three addresses are two registers each (virtio §4.1.3).
  4: [
    DEVICE_FEATURE_SELECT,
    DEVICE_FEATURE,
    DRIVER_FEATURE_SELECT,
    DRIVER_FEATURE,
    0x20,
    0x24,
    0x28,
    0x2c,
    0x30,
    0x34,
  ],
});

const DRIVER_REQUIREMENTS = '4.1.4.3.2';

/** The common configuration structure: what a driver initialises the device with. */
export class CommonConfig {
  readonly #core: VirtioDeviceCore;
  readonly #interrupts: VirtioPciInterrupts;
  #deviceFeatureSelect = 0;
  #driverFeatureSelect = 0;
  readonly #selected: SelectedQueue;

  constructor(core: VirtioDeviceCore, interrupts: VirtioPciInterrupts) {
    this.#core = core;
    this.#interrupts = interrupts;
    this.#selected = new SelectedQueue(core, DRIVER_REQUIREMENTS);
    core.onReset(() => {
      this.#deviceFeatureSelect = 0;
      this.#driverFeatureSelect = 0;
    });
  }

  read(offset: number, width: number): number {
    if (WIDTHS[offset] !== width) this.#reportWidth('read', offset, width);
    const core = this.#core;
    switch (offset) {
      case QUEUE_SELECT:
        return this.#selected.index;
      case DEVICE_STATUS:
        return core.status;
      case DEVICE_FEATURE_SELECT:
        return this.#deviceFeatureSelect;
      case DEVICE_FEATURE:
        return core.features.deviceFeature(this.#deviceFeatureSelect);
      case DRIVER_FEATURE_SELECT:
        return this.#driverFeatureSelect;
      case DRIVER_FEATURE:
        return core.features.driverFeature(this.#driverFeatureSelect);
      case CONFIG_MSIX_VECTOR:
        return this.#interrupts.configVector;
      case NUM_QUEUES:
        return core.queues.length;
      case CONFIG_GENERATION:
        return core.configGeneration;
      default:
        return this.#readQueue(offset);
    }
  }

  write(offset: number, width: number, value: number): void {
    if (WIDTHS[offset] !== width) this.#reportWidth('written', offset, width);
    // A reset is always allowed, whoever used the device before.
    if (offset !== DEVICE_STATUS || (value & 0xff) !== 0) this.#core.driveThrough('modern');
    switch (offset) {
      case QUEUE_SELECT:
        this.#selected.index = value & 0xffff;
        return;
      case DEVICE_STATUS:
        this.#core.writeStatus(value & 0xff);
        return;
      case DEVICE_FEATURE_SELECT:
        this.#deviceFeatureSelect = value;
        return;
      case DRIVER_FEATURE_SELECT:
        this.#driverFeatureSelect = value;
        return;
      case DRIVER_FEATURE:
        this.#core.acceptFeatures(this.#driverFeatureSelect, value);
        return;
      case CONFIG_MSIX_VECTOR:
        checkVector(this.#core, this.#interrupts.mapConfig(value & 0xffff), value & 0xffff);
        return;
      case DEVICE_FEATURE:
      case NUM_QUEUES:
      case CONFIG_GENERATION:
      case QUEUE_NOTIFY_OFF:
        this.#broke('a read-only register was written', offset, value);
        return;
      default:
        this.#writeQueue(offset, value);
    }
  }

  #readQueue(offset: number): number {
    const { queue } = this.#selected;
    if (queue === undefined) return offset === QUEUE_MSIX_VECTOR ? VIRTIO_MSI_NO_VECTOR : 0;
    switch (offset) {
      case QUEUE_NOTIFY_OFF:
        return queue.index;
      case QUEUE_SIZE:
        return queue.size;
      case QUEUE_MSIX_VECTOR:
        return this.#interrupts.queueVector(queue.index);
      case QUEUE_ENABLE:
        return queue.enabled ? 1 : 0;
      default:
        // A queue reset is complete when its write returns, so that queue_reset always reads 0.
        return offset < QUEUE_DESC ? 0 : (queue.addresses[(offset - QUEUE_DESC) / 4] ?? 0);
    }
  }

  #writeQueue(offset: number, value: number): void {
    if (WIDTHS[offset] === undefined || WIDTHS[offset] === 0) return;
    const selected = this.#selected;
    switch (offset) {
      case QUEUE_SIZE:
        selected.resize(value & 0xffff);
        return;
      case QUEUE_MSIX_VECTOR:
        if (selected.existing() !== undefined) this.#mapQueue(selected.index, value & 0xffff);
        return;
      case QUEUE_ENABLE:
        selected.enable(value & 0xffff);
        return;
      case QUEUE_RESET:
        if (selected.reset(value & 0xffff)) this.#mapQueue(selected.index, VIRTIO_MSI_NO_VECTOR);
        return;
      default:
        selected.setAddress((offset - QUEUE_DESC) / 4, value);
    }
  }

  #mapQueue(queueIndex: number, vector: number): void {
    checkVector(this.#core, this.#interrupts.mapQueue(queueIndex, vector), vector);
  }

  #reportWidth(what: string, offset: number, width: number): void {
    const message = `the common configuration at 0x${offset.toString(16)} was ${what} with ${width} bytes`;
    const expected = WIDTHS[offset] ?? 0;
    const wanted = expected === 0 ? 'no register begins there' : `the register has ${expected}`;
    this.#core.report('4.1.3.1', `${message}: ${wanted}`, { offset, width });
  }

  #broke(message: string, offset: number, value: number): void {
    this.#core.report(DRIVER_REQUIREMENTS, message, { offset, value });
  }
}
