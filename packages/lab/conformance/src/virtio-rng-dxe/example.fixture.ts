import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { EFI_RNG_ALGORITHM_RAW, PciRootBridgeIoProtocol, RngProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { VirtioPciModern, VirtioRng } from '@dxelab/virtio-devices';

// A machine with an entropy device that answers short: 6 bytes at a time.
const host = new PciHostBridge();
host.plug('02.0', new VirtioPciModern(new VirtioRng({ bytesPerAnswer: 6 })));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, seed: 7, devices: [host] });

// A firmware with OVMF's drivers, which are dispatched, and connected from the root bridge down.
const core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks('specification') });
core.dispatch();
const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
for (const root of bs.locateHandleBuffer(all)) {
  bs.connectController(root, undefined, undefined, true);
}

const rng = bs.locateProtocol(RngProtocol);
export const key: Uint8Array = new Uint8Array(16);
rng.getRng(EFI_RNG_ALGORITHM_RAW, key); // three requests; the same key for the same seed
