import type { Dma, MachineBus } from '@dxelab/emulated-machine';
import { PciFunction } from '@dxelab/pci-devices';
import { VIRTIO_VENDOR_ID } from '@dxelab/virtio';
import { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { DriverInterface } from '../../core/virtio-device-environment.ts';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { transportFeatures } from '../transport-options.ts';
import type { VirtioTransportOptions } from '../transport-options.ts';
import { VirtioPciInterrupts } from './interrupts.ts';

/** By what drivers know a function, and by what it is driven unless they choose (virtio §4.1.2). */
export interface VirtioPciIdentity {
  readonly deviceId: number;
  readonly revisionId: number;
  readonly subsystemId: number;
  readonly driverInterface: DriverInterface;
}

const MSIX_BAR = 1;
/** For how many vectors a table in a BAR of 4 KiB has room. */
const MAX_VECTORS = 128;
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

/**
 * A PCI function with any virtio device behind it: what the PCI transports have in common. One that
 * extends it adds its registers in its constructor, then MSI-X, and connects them to the device.
 */
export abstract class VirtioPciFunction extends PciFunction {
  protected readonly interrupts: VirtioPciInterrupts;
  readonly #model: VirtioDeviceModel;
  readonly #options: VirtioTransportOptions;
  readonly #driverInterface: DriverInterface;
  readonly #vectors: number;
  #core: VirtioDeviceCore | undefined;

  constructor(
    model: VirtioDeviceModel,
    options: VirtioTransportOptions,
    { deviceId, revisionId, subsystemId, driverInterface }: VirtioPciIdentity,
  ) {
    super({
      name: options.name ?? model.name,
      vendorId: VIRTIO_VENDOR_ID,
      deviceId,
      classCode: CLASS_CODES[model.deviceType] ?? CLASS_OTHER,
      revisionId,
      subsystemVendorId: VIRTIO_VENDOR_ID,
      subsystemId,
      interruptPin: INTA,
    });
    this.#model = model;
    this.#options = options;
    this.#driverInterface = driverInterface;
    const queues = model.queueSizes.length;
    // One for each queue, and one for the configuration.
    this.#vectors = Math.min(queues + 1, MAX_VECTORS);
    this.interrupts = new VirtioPciInterrupts(this, this.#vectors, queues);
  }

  /** The device status (virtio §2.1), as a report looks at it: 0 after a reset. */
  get deviceStatus(): number {
    return this.#core?.status ?? 0;
  }

  /** Adds MSI-X, after all other capabilities as QEMU does. */
  protected addVirtioMsix(): void {
    this.addMsix(MSIX_BAR, this.#vectors);
  }

  /** The device is there: registers can reach it from now on. */
  protected abstract connect(core: VirtioDeviceCore): void;

  protected override attached(bus: MachineBus, dma: Dma): void {
    this.#core = new VirtioDeviceCore(this.#model, {
      name: this.name,
      bus,
      dma,
      transport: this.interrupts,
      features: transportFeatures(this.#options, bus),
      driverInterface: this.#driverInterface,
      usedElement: this.#options.usedElement,
      completion: this.#options.ring?.completion,
      notifyWhileBusy: this.#options.ring?.notifyWhileBusy,
    });
    this.connect(this.#core);
  }

  protected override onReset(): void {
    this.#core?.reset();
  }
}
