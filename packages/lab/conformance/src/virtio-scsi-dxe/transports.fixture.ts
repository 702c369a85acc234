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
  ['PCI legacy', (device, options) => new VirtioPciLegacy(device, options)],
  ['PCI modern', (device, options) => new VirtioPciModern(device, options)],
  ['PCI transitional', (device, options) => new VirtioPciTransitional(device, options)],
  ['MMIO version 1', (device, options) => new VirtioMmio(device, { ...options, version: 1 })],
  ['MMIO version 2', (device, options) => new VirtioMmio(device, { ...options, version: 2 })],
];
