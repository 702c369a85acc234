import {
  VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST,
  VIRTIO_PCI_TRANSITIONAL_DEVICE_IDS,
} from '@dxelab/virtio';
import type { VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import type { VirtioPciIdentity } from './virtio-pci-function.ts';

/**
 * By what legacy drivers know a device: an id from 0x1000 to 0x103F, revision 0, and the device type as
 * the subsystem (virtio §4.1.2.3). Types that came later have no id; they get one that nobody else has.
 */
export function transitionalIdentity({ deviceType }: VirtioDeviceModel): VirtioPciIdentity {
  return {
    deviceId:
      VIRTIO_PCI_TRANSITIONAL_DEVICE_IDS[deviceType] ??
      VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST + deviceType,
    revisionId: 0,
    subsystemId: deviceType,
    driverInterface: 'legacy',
  };
}
