import type { PciFunction } from '@dxelab/pci-devices';
import { VIRTIO_PCI_LEGACY_BAR } from '@dxelab/virtio';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import type { VirtioPciInterrupts } from '../pci/interrupts.ts';
import { legacyBarSize } from './legacy-bar.ts';
import { PciLegacyRegisters } from './registers.ts';

/** Adds the legacy interface to a function: I/O in BAR0, as legacy drivers look nowhere else. */
export function addLegacyInterface(
  func: PciFunction,
  model: VirtioDeviceModel,
  interrupts: VirtioPciInterrupts,
): PciLegacyRegisters {
  const registers = new PciLegacyRegisters(func, interrupts);
  const size = legacyBarSize(model.config.length);
  func.addBar(VIRTIO_PCI_LEGACY_BAR, { kind: 'io', size, handler: registers });
  return registers;
}
