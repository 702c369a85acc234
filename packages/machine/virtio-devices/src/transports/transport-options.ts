import type { MachineBus } from '@dxelab/emulated-machine';
import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_ANY_LAYOUT,
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_NOTIFY_ON_EMPTY,
  VIRTIO_F_RING_RESET,
  VIRTIO_F_VERSION_1,
} from '@dxelab/virtio';
import type { UsedElementLie } from '../core/virtio-device-environment.ts';

/** How a device is shown, on whatever transport. */
export interface VirtioTransportOptions {
  /** As reports and traces show it. Default: the model's name. */
  readonly name?: string;
  /** Features of rings and transport that are not offered, such as VIRTIO_F_VERSION_1. */
  readonly withhold?: bigint;
  /**
   * Whether VIRTIO_F_ACCESS_PLATFORM is offered: something stands between the device and RAM. Default:
   * on a machine with private memory.
   */
  readonly accessPlatform?: boolean;
  /** What goes into the used ring in place of the truth: for a device that lies. */
  readonly usedElement?: UsedElementLie;
}

const FEATURES =
  VIRTIO_F_VERSION_1 |
  VIRTIO_F_INDIRECT_DESC |
  VIRTIO_F_EVENT_IDX |
  VIRTIO_F_RING_RESET |
  VIRTIO_F_NOTIFY_ON_EMPTY |
  VIRTIO_F_ANY_LAYOUT;

/** The features of rings and transport (virtio §6); each interface offers those that it knows. */
export function transportFeatures(
  { withhold = 0n, accessPlatform }: VirtioTransportOptions,
  { privateMemory }: MachineBus,
): bigint {
  return (
    (FEATURES | ((accessPlatform ?? privateMemory) ? VIRTIO_F_ACCESS_PLATFORM : 0n)) & ~withhold
  );
}
