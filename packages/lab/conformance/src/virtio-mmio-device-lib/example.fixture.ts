import { devicePath, DevicePathProtocol, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { virtioMmioNode } from '@dxelab/virtio';
import { virtioMmioInstallDevice } from '@dxelab/virtio-mmio-device-lib';

/** Where this board has a virtio device. */
const REGISTERS = 0xfeb0_2e00;

/** The driver of a board that needs no device tree to know where its devices are. */
export const boardDxe: DxeModule = {
  name: 'BoardDxe',
  fileGuid: guid('3f2f7b0e-5f3c-4a39-8a57-6b3f54d9d5b1'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  hardware: true, // it links IoLib, by way of the library
  entryPoint(_imageHandle, { bootServices: bs }, libraries) {
    const path = devicePath(virtioMmioNode(REGISTERS));
    const handle = bs.installProtocolInterface(undefined, DevicePathProtocol, path);
    virtioMmioInstallDevice(REGISTERS, handle, bs, libraries);
  },
};
