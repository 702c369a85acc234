import { ioMmuDxe } from '@dxelab/io-mmu-dxe';
import type { DxeModule } from '@dxelab/uefi-lib';
import {
  VirtioMmio,
  VirtioPciLegacy,
  VirtioPciModern,
  VirtioPciTransitional,
} from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import type { ScsiWorldOptions } from './scsi-world.fixture.ts';

/** All drivers of transports, in OVMF's order: which one a device gets is what is seen. */
export const EVERY_DRIVER: readonly DxeModule[] = [
  ioMmuDxe,
  virtioPciDeviceDxe,
  virtio10Dxe,
  virtioScsiDxe,
  virtioFdtDxe,
];

export type Plug = NonNullable<ScsiWorldOptions['plug']>;

/** Every way in which a device can be plugged in. */
export const TRANSPORTS: readonly (readonly [string, Plug])[] = [
  ['PCI legacy', (device) => new VirtioPciLegacy(device)],
  ['PCI modern', (device) => new VirtioPciModern(device)],
  ['PCI transitional', (device) => new VirtioPciTransitional(device)],
  ['MMIO version 1', (device) => new VirtioMmio(device, { version: 1 })],
  ['MMIO version 2', (device) => new VirtioMmio(device, { version: 2 })],
];
