import { MachineSetupError } from '@dxelab/emulated-machine';
import type { Device } from '@dxelab/emulated-machine';
import type { PciFunction } from '@dxelab/pci-devices';
import {
  VirtioMmio,
  VirtioPciLegacy,
  VirtioPciModern,
  VirtioPciTransitional,
} from '@dxelab/virtio-devices';
import type { VirtioDeviceModel, VirtioMmioBus } from '@dxelab/virtio-devices';
import type { VirtioData } from '../scenario.ts';
import { given } from '../units/given.ts';

/** What devices are put into: the machine, or, for PCI, a bridge in it. */
export interface Board {
  readonly pci: { plug(slot: string, func: PciFunction): void };
  readonly mmio: VirtioMmioBus;
  attach(device: Device): void;
}

/** How a device is attached, with the slot that it gets. */
export interface Attachment extends Pick<
  VirtioData,
  'transport' | 'version' | 'accessPlatform' | 'ring'
> {
  readonly slot: string;
}

const PCI_TRANSPORTS = {
  'pci-modern': VirtioPciModern,
  'pci-legacy': VirtioPciLegacy,
  'pci-transitional': VirtioPciTransitional,
} as const;

/** Gives a virtio device the transport that the scenario says. @throws MachineSetupError if it has no room */
export function plugVirtio(
  board: Board,
  { transport, version, slot, accessPlatform, ring }: Attachment,
  model: VirtioDeviceModel,
  name: string = model.name,
): void {
  const options = { name, ...given({ accessPlatform, ring }) };
  if (transport === 'mmio') {
    board.mmio.plug(new VirtioMmio(model, { ...options, ...given({ version }) }));
  } else {
    board.pci.plug(slot, new PCI_TRANSPORTS[transport](model, options));
  }
}

/** Puts a function into its slot. @throws MachineSetupError if the scenario wants it on MMIO */
export function plugFunction(
  board: Board,
  { transport, slot }: Attachment,
  func: PciFunction,
): void {
  if (transport === 'mmio') {
    throw new MachineSetupError(`${func.name} is a PCI function: it cannot be attached by 'mmio'`);
  }
  board.pci.plug(slot, func);
}
