import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { isTerminalSignal } from '@dxelab/platform';
import { Quirks } from '@dxelab/uefi-lib';

/** Boots a machine that has nothing to boot from, as OVMF would, and tells how that ends. */
export function bootNothing(): string {
  const { platform } = createEmulatedMachine({ memory: 2 ** 26, devices: [new PciHostBridge()] });
  const core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks('edk2') });
  try {
    return core.run();
  } catch (caught) {
    if (isTerminalSignal(caught)) return `${caught.kind}: ${caught.message}`;
    throw caught;
  }
}
