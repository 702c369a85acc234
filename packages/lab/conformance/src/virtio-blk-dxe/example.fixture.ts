import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { BlockIoProtocol, PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';

// A machine with a virtio disk of 64 sectors, each full of its number.
const disk = Uint8Array.from({ length: 64 * 512 }, (_, offset) => offset >> 9);
const host = new PciHostBridge();
host.plug('02.0', new VirtioPciModern(new VirtioBlk({ backend: new MemoryBackend(disk) })));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });

// A firmware with OVMF's drivers, which are dispatched, and connected from the root bridge down.
const core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks('specification') });
core.dispatch();
const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
for (const root of bs.locateHandleBuffer(all)) {
  bs.connectController(root, undefined, undefined, true);
}

const blk = bs.locateProtocol(BlockIoProtocol);
export const sector: Uint8Array = new Uint8Array(blk.media.blockSize);
blk.readBlocks(blk.media.mediaId, 7, sector); // 7, 7, 7, …
