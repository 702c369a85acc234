import { CoherentDma } from '@dxelab/coherent-dma-lib';
import type { GuestRam } from '@dxelab/platform';
import type { EfiBootServices } from '@dxelab/uefi';
import {
  EFI_PCI_IO_ATTRIBUTE_BUS_MASTER,
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_IO_ATTRIBUTE_IO,
  EfiError,
} from '@dxelab/uefi';
import type { PciTransport } from '@dxelab/virtio-transport-lib';
import { VirtioPciDevice } from './device.ts';
import { legacyDeviceType } from './identity.ts';
import type { VirtioPciQuirks } from './quirks.ts';

/** What PciTransportDriver binds to functions of the legacy PCI transport. */
export function legacyTransport(
  bs: EfiBootServices,
  ram: GuestRam,
  quirks: VirtioPciQuirks,
): PciTransport {
  return {
    version: 0x10,
    stopFailsWithClose: quirks.stopFailsWithClose,
    matches: (pciIo) => legacyDeviceType(pciIo, quirks) !== undefined,
    start(pciIo, enableAttributes) {
      enableAttributes(neededAttributes(quirks));
      const deviceType = legacyDeviceType(pciIo, quirks);
      if (deviceType === undefined) {
        throw new EfiError('EFI_UNSUPPORTED', 'the function is no legacy virtio device');
      }
      const dma = quirks.mapsIdentity ? new CoherentDma(bs, ram, { unmapTwice: true }) : pciIo;
      return new VirtioPciDevice(bs, pciIo, deviceType, dma, quirks);
    },
  };
}

/** The decoding of BAR 0 and bus mastering; with PciIo's DMA also addresses of 64 bits. */
function neededAttributes({ mapsIdentity }: VirtioPciQuirks): number {
  const legacy = EFI_PCI_IO_ATTRIBUTE_IO | EFI_PCI_IO_ATTRIBUTE_BUS_MASTER;
  return mapsIdentity ? legacy : legacy | EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE;
}
