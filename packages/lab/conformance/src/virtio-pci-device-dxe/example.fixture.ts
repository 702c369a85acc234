import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { MemoryBackend, VirtioBlk, VirtioPciLegacy } from '@dxelab/virtio-devices';

// A machine with a disk of virtio 0.9.5, as QEMU has it with `disable-modern=on`.
const host = new PciHostBridge();
const backend = new MemoryBackend(new Uint8Array(2 ** 20));
host.plug('02.0', new VirtioPciLegacy(new VirtioBlk({ backend })));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });

// The whole firmware: VirtioPciDeviceDxe is one of OVMF's drivers.
const core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks('edk2') });
core.dispatch();
const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
for (const root of bs.locateHandleBuffer(all)) {
  bs.connectController(root, undefined, undefined, true);
}

const virtIo = bs.locateProtocol(VirtioDeviceProtocol);
export const revision: number = virtIo.revision; // 0x00090005: drivers tell a legacy device by it
export const sectors: bigint = virtIo.readDevice64(0); // 2048
