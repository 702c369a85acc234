import { MachineSetupError } from '@dxelab/emulated-machine';
import type { Dma, MachineBus } from '@dxelab/emulated-machine';
import { PciFunction } from '@dxelab/pci-devices';
import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_RING_RESET,
  VIRTIO_F_VERSION_1,
  VIRTIO_PCI_MODERN_DEVICE_ID_BASE,
  VIRTIO_VENDOR_ID,
} from '@dxelab/virtio';
import { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { UsedElementLie } from '../../core/virtio-device-core.ts';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { ConfigWindow } from './config-window.ts';
import { VirtioPciInterrupts } from './interrupts.ts';
import {
  MAX_QUEUES,
  STRUCTURE_BAR,
  STRUCTURE_BAR_SIZE,
  structureCapabilities,
} from './structures.ts';
import { VirtioPciRegisters } from './virtio-pci-registers.ts';

export interface VirtioPciModernOptions {
  /** As reports and traces show it. Default: the model's name. */
  readonly name?: string;
  /** Features of rings and transport that are not offered, such as VIRTIO_F_VERSION_1. */
  readonly withhold?: bigint;
  /** Whether VIRTIO_F_ACCESS_PLATFORM is offered: something stands between the device and RAM. */
  readonly accessPlatform?: boolean;
  /** What goes into the used ring in place of the truth: for a device that lies. */
  readonly usedElement?: UsedElementLie;
}

const MSIX_BAR = 1;
/** For how many vectors a table in a BAR of 4 KiB has room. */
const MAX_VECTORS = 128;
/** As on QEMU; at least 0x40 tells legacy drivers to keep away (virtio §4.1.2.1). */
const SUBSYSTEM_ID = 0x1100;
const INTA = 1;

/** Class codes by device type, as on QEMU; what is not here is "other". */
const CLASS_CODES: Readonly<Record<number, number>> = {
  1: 0x020000,
  2: 0x010000,
  3: 0x078000,
  8: 0x010000,
  16: 0x038000,
  18: 0x098000,
};
const CLASS_OTHER = 0x00ff00;

const FEATURES =
  VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_F_RING_RESET;

/**
 * The modern PCI transport, with any virtio device plugged into it (virtio §4.1): what EDK II's
 * Virtio10Dxe drives. The layout is QEMU's: MSI-X in BAR1, all structures in the 64-bit BAR4.
 */
export class VirtioPciModern extends PciFunction {
  readonly #model: VirtioDeviceModel;
  readonly #options: VirtioPciModernOptions;
  readonly #interrupts: VirtioPciInterrupts;
  readonly #registers: VirtioPciRegisters;
  #core: VirtioDeviceCore | undefined;

  /** @throws MachineSetupError if the model cannot be shown on PCI */
  constructor(model: VirtioDeviceModel, options: VirtioPciModernOptions = {}) {
    checkModel(model);
    super({
      name: options.name ?? model.name,
      vendorId: VIRTIO_VENDOR_ID,
      deviceId: VIRTIO_PCI_MODERN_DEVICE_ID_BASE + model.deviceType,
      classCode: CLASS_CODES[model.deviceType] ?? CLASS_OTHER,
      revisionId: 1,
      subsystemVendorId: VIRTIO_VENDOR_ID,
      subsystemId: SUBSYSTEM_ID,
      interruptPin: INTA,
    });
    this.#model = model;
    this.#options = options;
    const queues = model.queueSizes.length;
    const vectors = Math.min(queues + 1, MAX_VECTORS);
    this.#interrupts = new VirtioPciInterrupts(this, vectors, queues);
    this.#registers = new VirtioPciRegisters(this.#interrupts);
    this.addBar(STRUCTURE_BAR, {
      kind: 'mem64',
      size: STRUCTURE_BAR_SIZE,
      prefetchable: true,
      handler: this.#registers,
    });
    for (const capability of structureCapabilities(model.config.length > 0)) {
      this.addCapability(capability);
    }
    const window = new ConfigWindow(this.config, this.#registers, (message, fields) =>
      this.#core?.report('4.1.4.9.2', message, fields),
    );
    window.place(this.addCapability(window.capability).offset);
    this.addMsix(MSIX_BAR, vectors);
  }

  /** The device status (virtio §2.1), as a report looks at it: 0 after a reset. */
  get deviceStatus(): number {
    return this.#core?.status ?? 0;
  }

  protected override attached(bus: MachineBus, dma: Dma): void {
    const { withhold = 0n, accessPlatform = false } = this.#options;
    this.#core = new VirtioDeviceCore(this.#model, {
      name: this.name,
      bus,
      dma,
      transport: this.#interrupts,
      usedElement: this.#options.usedElement,
      features: (FEATURES | (accessPlatform ? VIRTIO_F_ACCESS_PLATFORM : 0n)) & ~withhold,
    });
    this.#registers.connect(this.#core);
  }

  protected override onReset(): void {
    this.#registers.reset();
  }
}

function checkModel({ name, deviceType, queueSizes }: VirtioDeviceModel): void {
  if (!Number.isInteger(deviceType) || deviceType < 1 || deviceType > 0x3f) {
    throw new MachineSetupError(`${name}: a device type on PCI is 1 to 63, not ${deviceType}`);
  }
  if (queueSizes.length > MAX_QUEUES) {
    throw new MachineSetupError(`${name}: up to ${MAX_QUEUES} queues, not ${queueSizes.length}`);
  }
  for (const size of queueSizes) {
    if (Number.isInteger(size) && size >= 0 && size <= 32768 && (size & (size - 1)) === 0) continue;
    throw new MachineSetupError(
      `${name}: a queue size is 0 or a power of two up to 32768, not ${size}`,
    );
  }
}
