import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { convertDevicePathToText, DevicePathProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { MemoryBackend, VirtioBlk, VirtioMmio, VirtioMmioBus } from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';

// A machine without PCI, as QEMU's microvm: its device tree says where the disk is.
const bus = new VirtioMmioBus();
const backend = new MemoryBackend(new Uint8Array(2 ** 20));
bus.plug(new VirtioMmio(new VirtioBlk({ backend }), { version: 2 }));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [bus] });

const core = createDxeCore(platform, {
  modules: [virtioFdtDxe],
  quirks: new Quirks('specification'),
});
core.dispatch();

const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: VirtioDeviceProtocol } as const;
/** VenHw(837dca9e-e874-4d82-b29a-23fe0e23d1e2,002eb0fe00000000) */
export const paths: readonly string[] = bs
  .locateHandleBuffer(all)
  .map((handle) => convertDevicePathToText(bs.handleProtocol(handle, DevicePathProtocol)));
