import { diskIoDxe } from '@dxelab/disk-io-dxe';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { partitionDxe } from '@dxelab/partition-dxe';
import { pciBusDxe } from '@dxelab/pci-bus-dxe';
import { PciHostBridge } from '@dxelab/pci-devices';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import {
  BdsArchProtocol,
  DevicePathProtocol,
  PartitionInfoProtocol,
  PciRootBridgeIoProtocol,
  convertDevicePathToText,
} from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';

// A disk of 2048 blocks with an MBR: type 0xEF, from block 64, 1024 blocks; the signature.
const disk = new Uint8Array(1024 * 1024);
const mbr = new DataView(disk.buffer);
mbr.setUint8(446 + 4, 0xef);
mbr.setUint32(446 + 8, 64, true);
mbr.setUint32(446 + 12, 1024, true);
mbr.setUint16(510, 0xaa55, true);

// A machine with that disk, and a firmware with the drivers from PCI up to partitions.
const host = new PciHostBridge();
host.plug('02.0', new VirtioPciModern(new VirtioBlk({ backend: new MemoryBackend(disk) })));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });
const core = createDxeCore(platform, {
  modules: [pciHostBridgeDxe, pciBusDxe, virtio10Dxe, virtioBlkDxe, diskIoDxe, partitionDxe],
  quirks: new Quirks('specification'),
});
const bs = core.systemTable.bootServices;
bs.installProtocolInterface(undefined, BdsArchProtocol, { entry: () => {} });
core.dispatch();
const [root] = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: PciRootBridgeIoProtocol });
if (root !== undefined) bs.connectController(root, undefined, undefined, true);

// PciRoot(0x0)/Pci(0x2,0x0)/HD(1,MBR,0x00000000,0x40,0x400)
export const partitions: readonly string[] = bs
  .locateHandleBuffer({ type: 'ByProtocol', protocol: PartitionInfoProtocol })
  .map((handle) => convertDevicePathToText(bs.handleProtocol(handle, DevicePathProtocol)));
