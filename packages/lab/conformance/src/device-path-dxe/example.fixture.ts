import { devicePathDxe } from '@dxelab/device-path-dxe';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { DevicePathFromTextProtocol, DevicePathToTextProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';

const machine = createEmulatedMachine({ memory: 64 * 2 ** 20 });
const core = createDxeCore(machine.platform, {
  modules: [devicePathDxe],
  quirks: new Quirks('specification'),
});
core.dispatch();

const bs = core.systemTable.bootServices;
const path = bs
  .locateProtocol(DevicePathFromTextProtocol)
  .convertTextToDevicePath('PciRoot(0)/Pci(31,2)/HD(2,MBR,0x1234ABCD,0x800,0x1000)');
/** PciRoot(0x0)/Pci(0x1f,0x2)/HD(2,MBR,0x1234abcd) */
export const shown: string | undefined = bs
  .locateProtocol(DevicePathToTextProtocol)
  .convertDevicePathToText(path, true, true);
