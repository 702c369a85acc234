import { EfiError } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import { VIRTIO_SPEC_REVISION_1_0_0, VSTAT_FEATURES_OK } from '@dxelab/virtio';

/**
 * Virtio10WriteFeatures: reports the driver's features, and asks whether the device accepts them.
 * @param deviceStatus the status last written
 * @returns the status as the device shows it, to go on with
 * @throws EFI_UNSUPPORTED before revision 1.0.0, or if the device refuses: its `out` the status then
 */
export function virtio10WriteFeatures(
  virtIo: VirtioDevice,
  features: bigint,
  deviceStatus: number,
): number {
  if (virtIo.revision < VIRTIO_SPEC_REVISION_1_0_0) {
    throw new EfiError('EFI_UNSUPPORTED', 'FEATURES_OK came with revision 1.0.0', {
      out: deviceStatus,
    });
  }
  virtIo.setGuestFeatures(features);
  virtIo.setDeviceStatus(deviceStatus | VSTAT_FEATURES_OK);
  const status = virtIo.getDeviceStatus();
  if ((status & VSTAT_FEATURES_OK) === 0) {
    throw new EfiError(
      'EFI_UNSUPPORTED',
      `the device refuses the features 0x${features.toString(16)}`,
      { out: status },
    );
  }
  return status;
}
