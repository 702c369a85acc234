import { VIRTIO_PCI_MODERN_DEVICE_ID_BASE } from '@dxelab/virtio';
import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { checkModel } from '../check-model.ts';
import { VirtioPciFunction } from '../pci/virtio-pci-function.ts';
import type { VirtioTransportOptions } from '../transport-options.ts';
import { addModernInterface } from './modern-interface.ts';
import type { PciModernRegisters } from './registers.ts';
import { MODERN_LIMITS } from './structures.ts';

/** As on QEMU; at least 0x40 tells legacy drivers to keep away (virtio §4.1.2.1). */
const SUBSYSTEM_ID = 0x1100;
const REVISION_ID = 1;

/**
 * The modern PCI transport, with any virtio device plugged into it (virtio §4.1): what EDK II's
 * Virtio10Dxe drives. The layout is QEMU's: MSI-X in BAR1, all structures in the 64-bit BAR4.
 */
export class VirtioPciModern extends VirtioPciFunction {
  readonly #registers: PciModernRegisters;

  /** @throws MachineSetupError if the model cannot be shown on PCI */
  constructor(model: VirtioDeviceModel, options: VirtioTransportOptions = {}) {
    checkModel(model, MODERN_LIMITS);
    super(model, options, {
      deviceId: VIRTIO_PCI_MODERN_DEVICE_ID_BASE + model.deviceType,
      revisionId: REVISION_ID,
      subsystemId: SUBSYSTEM_ID,
      driverInterface: 'modern',
    });
    this.#registers = addModernInterface(this, this.interrupts);
    this.addVirtioMsix();
  }

  protected override connect(core: VirtioDeviceCore): void {
    this.#registers.connect(core);
  }
}
