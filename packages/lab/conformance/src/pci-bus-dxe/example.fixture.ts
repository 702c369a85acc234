import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { pciBusDxe } from '@dxelab/pci-bus-dxe';
import { PciBridge, PciFunction, PciHostBridge } from '@dxelab/pci-devices';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import {
  BdsArchProtocol,
  DevicePathProtocol,
  PciIoProtocol,
  PciRootBridgeIoProtocol,
  convertDevicePathToText,
} from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';

// A machine with a bridge, and a function behind it.
const host = new PciHostBridge();
const bridge = new PciBridge('bridge');
const card = { name: 'card', vendorId: 0x1234, deviceId: 0x5678, classCode: 0xff0000 };
bridge.plug('00.0', new PciFunction(card));
host.plug('02.0', bridge);
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });

// A firmware with the two PCI drivers; drivers of the UEFI driver model wait for BDS, which we play.
const core = createDxeCore(platform, {
  modules: [pciHostBridgeDxe, pciBusDxe],
  quirks: new Quirks('specification'),
});
const bs = core.systemTable.bootServices;
bs.installProtocolInterface(undefined, BdsArchProtocol, { entry: () => {} });
core.dispatch();
const [root] = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: PciRootBridgeIoProtocol });
if (root !== undefined) bs.connectController(root);

// PciRoot(0x0)/Pci(0x0,0x0) 8086:29c0, .../Pci(0x2,0x0) 1b36:1, .../Pci(0x2,0x0)/Pci(0x0,0x0) 1234:5678
export const functions: readonly string[] = bs
  .locateHandleBuffer({ type: 'ByProtocol', protocol: PciIoProtocol })
  .map((handle) => {
    const path = convertDevicePathToText(bs.handleProtocol(handle, DevicePathProtocol));
    const { pci } = bs.handleProtocol(handle, PciIoProtocol);
    return `${path} ${pci.read(1, 0x00).toString(16)}:${pci.read(1, 0x02).toString(16)}`;
  });
