import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { ScsiDisk } from '@dxelab/scsi-targets';
import { BlockIoProtocol, PciRootBridgeIoProtocol, efiStatusOf } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { MemoryBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';

// A machine with a removable SCSI disk, whose medium has 64 blocks, each full of its number.
const numbers = Uint8Array.from({ length: 64 * 512 }, (_, offset) => offset >> 9);
const unit = new ScsiDisk({ backend: new MemoryBackend(numbers), removable: true });
const host = new PciHostBridge();
host.plug('02.0', new VirtioPciModern(new VirtioScsi({ units: [{ target: 0, lun: 0, unit }] })));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });

// A firmware with OVMF's drivers, which are dispatched, and connected from the root bridge down.
const core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks('specification') });
core.dispatch();
const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
for (const root of bs.locateHandleBuffer(all)) {
  bs.connectController(root, undefined, undefined, true);
}

const disk = bs.locateProtocol(BlockIoProtocol);
export const sector: Uint8Array = new Uint8Array(disk.media.blockSize);
disk.readBlocks(disk.media.mediaId, 7, sector); // 7, 7, 7, …

// Another medium, of 128 blocks: whoever asks is told, and BlockIo is installed anew.
unit.insert(new MemoryBackend(128 * 512));
export const statuses: string[] = [];
try {
  disk.readBlocks(disk.media.mediaId, 7, sector);
} catch (caught) {
  statuses.push(efiStatusOf(caught)); // EFI_MEDIA_CHANGED
}
export const lastBlock: number = disk.media.lastBlock; // 127
