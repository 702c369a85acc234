import type { DeviceAddress, Protocol } from '@dxelab/uefi';
import { defineProtocol } from '@dxelab/uefi';

/** Where the device finds a virtqueue, split or packed (virtio §2.6). */
export interface VirtqueueAreas {
  /** The descriptor table, or the descriptor ring. */
  readonly descriptor: DeviceAddress;
  /** The available ring, or the driver event suppression structure. */
  readonly driver: DeviceAddress;
  /** The used ring, or the device event suppression structure. */
  readonly device: DeviceAddress;
}

/**
 * What VIRTIO_DEVICE_PROTOCOL lacks for the rings that OVMF's drivers do not use. A protocol of
 * dxelab's own, which a transport installs beside the other on the same handle; EDK II has none.
 */
export interface VirtioQueueAccess {
  /**
   * The feature bits of virtio §6 that the transport can carry: INDIRECT_DESC and EVENT_IDX everywhere,
   * RING_PACKED and those above it only where there are 64 bits of features.
   */
  readonly ringFeatures: bigint;
  /**
   * Publishes the selected queue and enables it.
   * @throws EFI_UNSUPPORTED by a legacy interface for anything but a split ring in one piece
   */
  setQueueAreas(areas: VirtqueueAreas): void;
  /**
   * Tells the device that queue `index` has something new, and how far (virtio §2.9), for who has
   * negotiated VIRTIO_F_NOTIFICATION_DATA.
   * @param next of a packed ring the next offset with the wrap counter in bit 15, of a split one the
   *   available index
   * @throws EFI_UNSUPPORTED by a legacy interface
   */
  setQueueNotifyData(index: number, next: number): void;
  /**
   * Resets one queue (virtio §2.6.1) and returns when the device has done so: it can be set up anew.
   * @throws EFI_UNSUPPORTED by a transport without it, EFI_DEVICE_ERROR if the device does not come back
   */
  resetQueue(index: number): void;
  /**
   * A number that changes when the device has changed its configuration (virtio §2.5.1).
   * @throws EFI_UNSUPPORTED by a legacy interface
   */
  getConfigGeneration(): number;
}

/** By which it is found, on the handle of VIRTIO_DEVICE_PROTOCOL. */
export const VirtioQueueAccessProtocol: Protocol<VirtioQueueAccess> = defineProtocol(
  'VirtioQueueAccess',
  '53d826ef-2c23-4503-8721-5b323fc6b735',
);
