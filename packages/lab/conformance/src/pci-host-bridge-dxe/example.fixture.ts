import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { pciAddress } from '@dxelab/pci';
import { PciHostBridge } from '@dxelab/pci-devices';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import { PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';

const { platform } = createEmulatedMachine({
  memory: 64 * 2 ** 20,
  devices: [new PciHostBridge()],
});
const core = createDxeCore(platform, {
  modules: [pciHostBridgeDxe],
  quirks: new Quirks('specification'),
});
core.dispatch();

const rootBridgeIo = core.systemTable.bootServices.locateProtocol(PciRootBridgeIoProtocol);
/** Vendor and device of 00:00.0, the host bridge's own function. */
export const identity: number = rootBridgeIo.pci.read(2, pciAddress(0, 0, 0, 0x00)); // 0x29c08086

// An array is bounced: a bus master finds a copy of it below 4 GiB, until Unmap.
const mapping = rootBridgeIo.map('BusMasterRead', Uint8Array.of(1, 2, 3), 3);
export const seen: number = platform.ram.readUint8(Number(mapping.deviceAddress) + 1); // 2
rootBridgeIo.unmap(mapping);
