import type { AccessWidth, RegionHandler } from '@dxelab/emulated-machine';
import type { PciFunction } from '@dxelab/pci-devices';
import {
  VIRTIO_PAGE_SIZE,
  VIRTIO_PCI_LEGACY_CONFIG,
  VIRTIO_PCI_LEGACY_CONFIG_MSIX,
} from '@dxelab/virtio';
import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import { checkVector } from '../pci/interrupts.ts';
import type { VirtioPciInterrupts } from '../pci/interrupts.ts';
import { registerWidths } from '../register-widths.ts';
import { SelectedLegacyQueue } from '../selected-legacy-queue.ts';

// The legacy configuration structure (virtio §4.1.4.10): constants of this file, because imported ones
// are slow in a `switch` under Vitest.
const DEVICE_FEATURES = 0x00;
const DRIVER_FEATURES = 0x04;
const QUEUE_ADDRESS = 0x08;
const QUEUE_SIZE = 0x0c;
const QUEUE_SELECT = 0x0e;
const QUEUE_NOTIFY = 0x10;
const DEVICE_STATUS = 0x12;
const ISR_STATUS = 0x13;
const CONFIG_MSIX_VECTOR = 0x14;
const QUEUE_MSIX_VECTOR = 0x16;

const WIDTHS = registerWidths(VIRTIO_PCI_LEGACY_CONFIG_MSIX, {
  1: [DEVICE_STATUS, ISR_STATUS],
  2: [QUEUE_SIZE, QUEUE_SELECT, QUEUE_NOTIFY, CONFIG_MSIX_VECTOR, QUEUE_MSIX_VECTOR],
  4: [DEVICE_FEATURES, DRIVER_FEATURES, QUEUE_ADDRESS],
});

const LAYOUT = '4.1.4.10';
const QUEUE_CONFIGURATION = '4.1.5.1.3.1';

/** The registers behind BAR0. Until the function has joined a machine nobody can reach them. */
export class PciLegacyRegisters implements RegionHandler {
  private readonly function: PciFunction;
  private readonly interrupts: VirtioPciInterrupts;
  private core: VirtioDeviceCore | undefined;
  private selected: SelectedLegacyQueue | undefined;

  constructor(func: PciFunction, interrupts: VirtioPciInterrupts) {
    this.function = func;
    this.interrupts = interrupts;
  }

  connect(core: VirtioDeviceCore): void {
    this.core = core;
    this.selected = new SelectedLegacyQueue(core, QUEUE_CONFIGURATION);
  }

  read(offset: number, width: AccessWidth): number {
    const core = this.core;
    const selected = this.selected;
    if (core === undefined || selected === undefined) return 0;
    const header = this.headerSize;
    if (offset >= header) return core.readConfig(offset - header, width);
    if (WIDTHS[offset] !== width) this.reportWidth(core, 'read', offset, width);
    switch (offset) {
      case DEVICE_FEATURES:
        return core.features.legacyOffered;
      case DRIVER_FEATURES:
        return core.features.driverFeature(0);
      case QUEUE_ADDRESS:
        return selected.pageNumber(VIRTIO_PAGE_SIZE);
      case QUEUE_SIZE:
        return selected.queue?.maxSize ?? 0;
      case QUEUE_SELECT:
        return selected.index;
      case DEVICE_STATUS:
        return core.status;
      case ISR_STATUS:
        return this.interrupts.readIsr();
      case CONFIG_MSIX_VECTOR:
        return this.interrupts.configVector;
      case QUEUE_MSIX_VECTOR:
        return this.interrupts.queueVector(selected.index);
      default:
        // What the notification register reads is not specified.
        return 0;
    }
  }

  write(offset: number, width: AccessWidth, value: number): void {
    const core = this.core;
    const selected = this.selected;
    if (core === undefined || selected === undefined) return;
    if (offset === QUEUE_NOTIFY && width === 2) {
      core.notify(value);
      return;
    }
    // A reset is always allowed, whoever used the device before.
    if (offset !== DEVICE_STATUS || (value & 0xff) !== 0) core.driveThrough('legacy');
    const header = this.headerSize;
    if (offset >= header) core.writeConfig(offset - header, width, value);
    else this.writeHeader(core, selected, offset, width, value);
  }

  private writeHeader(
    core: VirtioDeviceCore,
    selected: SelectedLegacyQueue,
    offset: number,
    width: AccessWidth,
    value: number,
  ): void {
    if (WIDTHS[offset] !== width) this.reportWidth(core, 'written', offset, width);
    switch (offset) {
      case DRIVER_FEATURES:
        core.acceptLegacyFeatures(value);
        return;
      case QUEUE_ADDRESS:
        selected.place(value, VIRTIO_PAGE_SIZE, VIRTIO_PAGE_SIZE);
        return;
      case QUEUE_SELECT:
        selected.index = value & 0xffff;
        return;
      case QUEUE_NOTIFY:
        core.notify(value & 0xffff);
        return;
      case DEVICE_STATUS:
        core.writeStatus(value & 0xff);
        return;
      case CONFIG_MSIX_VECTOR:
        checkVector(core, this.interrupts.mapConfig(value & 0xffff), value & 0xffff);
        return;
      case QUEUE_MSIX_VECTOR:
        if (selected.existing() === undefined) return;
        checkVector(core, this.interrupts.mapQueue(selected.index, value & 0xffff), value & 0xffff);
        return;
      case DEVICE_FEATURES:
      case QUEUE_SIZE:
      case ISR_STATUS:
        core.report(LAYOUT, 'a read-only register was written', { offset, value });
        return;
      default:
    }
  }

  /** Where the device configuration begins: it moves when MSI-X is enabled. */
  private get headerSize(): number {
    return this.function.msixEnabled ? VIRTIO_PCI_LEGACY_CONFIG_MSIX : VIRTIO_PCI_LEGACY_CONFIG;
  }

  private reportWidth(core: VirtioDeviceCore, what: string, offset: number, width: number): void {
    const expected = WIDTHS[offset] ?? 0;
    const wanted = expected === 0 ? 'no register begins there' : `the register has ${expected}`;
    const message = `the legacy header at 0x${offset.toString(16)} was ${what} with ${width} bytes: ${wanted}`;
    core.report(LAYOUT, message, { offset, width });
  }
}
