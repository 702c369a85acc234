import type { EfiBootServices } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';

/** How long to pause between two looks at a status that has not become 0 yet, in microseconds. */
const RESET_POLL = 10;

/** virtio §2.4.2: a device is reset when its status reads 0, and not before. */
export function waitForReset(
  device: Pick<VirtioDevice, 'getDeviceStatus'>,
  bs: Pick<EfiBootServices, 'stall'>,
): void {
  while (device.getDeviceStatus() !== 0) bs.stall(RESET_POLL);
}
