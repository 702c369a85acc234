import { CoherentDma } from '@dxelab/coherent-dma-lib';
import type { EfiBootServices, EfiHandle, PhysicalAddress } from '@dxelab/uefi';
import { EdkiiIoMmuProtocol, EfiError } from '@dxelab/uefi';
import type { HardwareLibraries } from '@dxelab/uefi-lib';
import { tryLocateProtocol } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import type { DmaServices } from '@dxelab/virtio-transport-lib';
import { installVirtioDevice, uninstallVirtioDevice } from '@dxelab/virtio-transport-lib';
import { VirtioMmioDevice } from './device.ts';
import { readMmioIdentity } from './identity.ts';
import { virtioMmioQuirks } from './quirks.ts';
import { MmioRegisters } from './registers.ts';

// The library has no binding of its own: a module that knows where the registers are calls it.

/**
 * VirtioMmioInstallDevice: installs VIRTIO_DEVICE_PROTOCOL of the device at `baseAddress` on a handle.
 * @throws EFI_INVALID_PARAMETER for address 0, or a handle that has the protocol; EFI_UNSUPPORTED if
 *   there are no registers of a known version; EFI_NOT_FOUND if there is no device behind them
 */
export function virtioMmioInstallDevice(
  baseAddress: PhysicalAddress,
  handle: EfiHandle,
  bs: EfiBootServices,
  { platform, quirks, ram }: Pick<HardwareLibraries, 'platform' | 'quirks' | 'ram'>,
): void {
  if (baseAddress === 0) {
    throw new EfiError('EFI_INVALID_PARAMETER', 'a device on MMIO has an address, and not 0');
  }
  const mmioQuirks = virtioMmioQuirks(quirks);
  const registers = new MmioRegisters(platform.mmio, baseAddress);
  const identity = readMmioIdentity(registers, mmioQuirks);
  const ioMmu = mmioQuirks.mapsIdentity ? undefined : tryLocateProtocol(bs, EdkiiIoMmuProtocol);
  const dma: DmaServices =
    ioMmu ?? new CoherentDma(bs, ram, { unmapTwice: mmioQuirks.unmapUnchecked });
  const device = new VirtioMmioDevice(bs, registers, identity, dma, mmioQuirks);
  installVirtioDevice(bs, handle, device);
}

/**
 * VirtioMmioUninstallDevice
 * @throws EFI_UNSUPPORTED if the handle has no device of this library; EFI_ACCESS_DENIED while a driver
 *   does not let go of it
 */
export function virtioMmioUninstallDevice(handle: EfiHandle, bs: EfiBootServices): void {
  const device = bs.handleProtocol(handle, VirtioDeviceProtocol);
  if (!(device instanceof VirtioMmioDevice)) {
    throw new EfiError('EFI_UNSUPPORTED', 'the VirtioDevice is not one of this library');
  }
  uninstallVirtioDevice(bs, handle, device);
  device.release();
}
