import type { VirtioQueueAccess } from '@dxelab/virtio';
import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_NOTIFICATION_DATA,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
} from '@dxelab/virtio';

/** The features with which a driver can choose what its queues are like (virtio §6). */
export const VIRTIO_RING_FEATURES: bigint =
  VIRTIO_F_INDIRECT_DESC |
  VIRTIO_F_EVENT_IDX |
  VIRTIO_F_RING_PACKED |
  VIRTIO_F_IN_ORDER |
  VIRTIO_F_NOTIFICATION_DATA |
  VIRTIO_F_RING_RESET;

/** Those that VIRTIO_DEVICE_PROTOCOL alone can carry: they change nothing but what is in memory. */
const WITHOUT_ACCESS = VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;

/**
 * What a driver that wants `wants` gets of it from this device over this transport.
 * @param access undefined on a transport that has none
 */
export function virtioRingFeatures(
  access: VirtioQueueAccess | undefined,
  offered: bigint,
  wants: bigint,
): bigint {
  const carried = access === undefined ? WITHOUT_ACCESS : access.ringFeatures;
  return offered & wants & carried & VIRTIO_RING_FEATURES;
}
