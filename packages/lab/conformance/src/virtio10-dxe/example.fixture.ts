import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { VIRTIO_BLK_F_FLUSH, VirtioDeviceProtocol } from '@dxelab/virtio';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';

// A machine with a virtio disk, and a firmware in which nobody drives it yet.
const host = new PciHostBridge();
const backend = new MemoryBackend(new Uint8Array(2 ** 20));
host.plug('02.0', new VirtioPciModern(new VirtioBlk({ backend })));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });
const modules = ovmf().filter(({ name }) => name !== 'VirtioBlkDxe');
const core = createDxeCore(platform, { modules, quirks: new Quirks('specification') });
core.dispatch();
const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
for (const root of bs.locateHandleBuffer(all)) {
  bs.connectController(root, undefined, undefined, true);
}

// Virtio10Dxe has put a VirtioDevice onto the handle of the function's PciIo.
const virtIo = bs.locateProtocol(VirtioDeviceProtocol);
export const deviceType: number = virtIo.subSystemDeviceId; // 2: a disk
export const hasCache: boolean = (virtIo.getDeviceFeatures() & VIRTIO_BLK_F_FLUSH) !== 0n;
