import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import { checkModel } from '../check-model.ts';
import { LEGACY_LIMITS } from '../pci-legacy/legacy-bar.ts';
import { addLegacyInterface } from '../pci-legacy/legacy-interface.ts';
import type { PciLegacyRegisters } from '../pci-legacy/registers.ts';
import { addModernInterface } from '../pci-modern/modern-interface.ts';
import type { PciModernRegisters } from '../pci-modern/registers.ts';
import { MODERN_LIMITS } from '../pci-modern/structures.ts';
import { transitionalIdentity } from '../pci/transitional-identity.ts';
import { VirtioPciFunction } from '../pci/virtio-pci-function.ts';
import type { VirtioTransportOptions } from '../transport-options.ts';

/**
 * A transitional PCI device, with any virtio device plugged into it: the modern interface and the legacy
 * one in one function, which legacy drivers take for a device of theirs (virtio §4.1.2.3, §4.1.5.1.1.1).
 * A driver uses one of them; which one shows when it first writes after a reset.
 */
export class VirtioPciTransitional extends VirtioPciFunction {
  readonly #legacy: PciLegacyRegisters;
  readonly #modern: PciModernRegisters;

  /** @throws MachineSetupError if the model cannot be shown on both interfaces */
  constructor(model: VirtioDeviceModel, options: VirtioTransportOptions = {}) {
    checkModel(model, LEGACY_LIMITS);
    checkModel(model, MODERN_LIMITS);
    super(model, options, transitionalIdentity(model));
    this.#legacy = addLegacyInterface(this, model, this.interrupts);
    this.#modern = addModernInterface(this, this.interrupts);
    this.addVirtioMsix();
  }

  protected override connect(core: VirtioDeviceCore): void {
    this.#legacy.connect(core);
    this.#modern.connect(core);
  }
}
