import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { checkModel } from '../check-model.ts';
import { transitionalIdentity } from '../pci/transitional-identity.ts';
import { VirtioPciFunction } from '../pci/virtio-pci-function.ts';
import type { VirtioTransportOptions } from '../transport-options.ts';
import { LEGACY_LIMITS } from './legacy-bar.ts';
import { addLegacyInterface } from './legacy-interface.ts';
import type { PciLegacyRegisters } from './registers.ts';

/**
 * The PCI transport of virtio 0.9.5, with any virtio device plugged into it (virtio §4.1.4.10): what
 * EDK II's VirtioPciDeviceDxe drives. All registers are in BAR0; QEMU calls it `disable-modern=on`.
 */
export class VirtioPciLegacy extends VirtioPciFunction {
  readonly #registers: PciLegacyRegisters;

  /** @throws MachineSetupError if the model cannot be shown on legacy PCI */
  constructor(model: VirtioDeviceModel, options: VirtioTransportOptions = {}) {
    checkModel(model, LEGACY_LIMITS);
    super(model, options, transitionalIdentity(model));
    this.#registers = addLegacyInterface(this, model, this.interrupts);
    this.addVirtioMsix();
  }

  protected override connect(core: VirtioDeviceCore): void {
    this.#registers.connect(core);
  }
}
