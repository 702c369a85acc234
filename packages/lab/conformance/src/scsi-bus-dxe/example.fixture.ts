import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import {
  DevicePathProtocol,
  PciRootBridgeIoProtocol,
  ScsiIoProtocol,
  convertDevicePathToText,
} from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { MemoryBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';

// A machine with a SCSI host: a disk as LUN 300 of target 1, and an empty CD-ROM drive as target 2.
const disk = new ScsiDisk({ backend: new MemoryBackend(2 ** 20) });
const units = [
  { target: 1, lun: 300, unit: disk },
  { target: 2, lun: 0, unit: new ScsiCdRom() },
];
const host = new PciHostBridge();
host.plug('02.0', new VirtioPciModern(new VirtioScsi({ units })));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });

// A firmware with OVMF's drivers, which are dispatched, and connected from the root bridge down.
const core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks('specification') });
core.dispatch();
const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
for (const root of bs.locateHandleBuffer(all)) {
  bs.connectController(root, undefined, undefined, true);
}

// PciRoot(0x0)/Pci(0x2,0x0)/Scsi(0x1,0x12c) is of type 0, …/Scsi(0x2,0x0) of type 5
export const found: readonly string[] = bs
  .locateHandleBuffer({ type: 'ByProtocol', protocol: ScsiIoProtocol })
  .map((handle) => {
    const path = convertDevicePathToText(bs.handleProtocol(handle, DevicePathProtocol));
    const type = bs.handleProtocol(handle, ScsiIoProtocol).getDeviceType();
    return `${path} is of type ${type}`;
  });
