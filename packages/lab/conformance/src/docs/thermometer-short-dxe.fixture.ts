import {
  EFI_PCI_IO_ATTRIBUTE_MEMORY,
  EfiError,
  EfiPciWidthUint16,
  EfiPciWidthUint32,
  guid,
  PciIoProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { installDeviceDriver } from '@dxelab/uefi-lib';
import { ThermometerProtocol } from './thermometer-dxe.fixture.ts';

export const thermometerShortDxe: DxeModule = {
  name: 'ThermometerShortDxe',
  fileGuid: guid('c6e5b1d8-51f7-4ce5-9d3e-3a6f2f0b7e3e'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices: bs }) {
    installDeviceDriver(imageHandle, bs, {
      driverName: 'Thermometer Driver',
      consumes: PciIoProtocol,
      produces: ThermometerProtocol,
      matches: ({ pci }) =>
        pci.read(EfiPciWidthUint16, 0) === 0x1234 && pci.read(EfiPciWidthUint16, 2) === 0x7e3d,
      start(pciIo, unwind) {
        pciIo.enableAttributes(EFI_PCI_IO_ATTRIBUTE_MEMORY);
        unwind.push(() => pciIo.disableAttributes(EFI_PCI_IO_ATTRIBUTE_MEMORY));
        return {
          measure(): number {
            pciIo.mem.write(EfiPciWidthUint32, 0, 0x0, 1);
            for (let pause = 1; pause <= 1024; pause *= 2) {
              if (pciIo.mem.read(EfiPciWidthUint32, 0, 0x4) === 1) {
                return pciIo.mem.read(EfiPciWidthUint32, 0, 0x8) / 1000;
              }
              bs.stall(pause);
            }
            throw new EfiError('EFI_TIMEOUT', 'no measurement within 2 ms');
          },
        };
      },
    });
  },
};
