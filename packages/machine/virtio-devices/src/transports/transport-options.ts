import type { MachineBus } from '@dxelab/emulated-machine';
import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_ANY_LAYOUT,
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_NOTIFICATION_DATA,
  VIRTIO_F_NOTIFY_ON_EMPTY,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
  VIRTIO_F_VERSION_1,
} from '@dxelab/virtio';
import type { CompletionMode } from '../queue/completions.ts';
import type { UsedElementLie } from '../core/virtio-device-environment.ts';

/** What a device offers for its rings (virtio §6), and how it uses them. What is not said is as on QEMU. */
export interface RingOptions {
  /** VIRTIO_F_INDIRECT_DESC. Default: true. */
  readonly indirect?: boolean | undefined;
  /** VIRTIO_F_EVENT_IDX. Default: true. */
  readonly eventIdx?: boolean | undefined;
  /** VIRTIO_F_RING_PACKED; as all that follow, not through a legacy interface. Default: false. */
  readonly packed?: boolean | undefined;
  /** VIRTIO_F_IN_ORDER. Default: false. */
  readonly inOrder?: boolean | undefined;
  /** VIRTIO_F_NOTIFICATION_DATA. Default: false. */
  readonly notificationData?: boolean | undefined;
  /** VIRTIO_F_RING_RESET. Default: true. */
  readonly reset?: boolean | undefined;
  /** How chains are given back. Default: each, and with VIRTIO_F_IN_ORDER in batches. */
  readonly completion?: CompletionMode | undefined;
  /**
   * Whether the device wants to be notified while chains are in work. If not it suppresses notifications,
   * and looks by itself when it has answered them all. Default: true.
   */
  readonly notifyWhileBusy?: boolean | undefined;
}

/** How a device is shown, on whatever transport. */
export interface VirtioTransportOptions {
  /** As reports and traces show it. Default: the model's name. */
  readonly name?: string;
  /** What is offered for the rings. */
  readonly ring?: RingOptions;
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

/** The features of rings and transport (virtio §6); each interface offers those that it knows. */
export function transportFeatures(
  { ring = {}, withhold = 0n, accessPlatform }: VirtioTransportOptions,
  { privateMemory }: MachineBus,
): bigint {
  return (
    (VIRTIO_F_VERSION_1 |
      VIRTIO_F_NOTIFY_ON_EMPTY |
      VIRTIO_F_ANY_LAYOUT |
      ringFeatures(ring) |
      when(accessPlatform ?? privateMemory, VIRTIO_F_ACCESS_PLATFORM)) &
    ~withhold
  );
}

function ringFeatures(ring: RingOptions): bigint {
  return (
    when(ring.indirect ?? true, VIRTIO_F_INDIRECT_DESC) |
    when(ring.eventIdx ?? true, VIRTIO_F_EVENT_IDX) |
    when(ring.reset ?? true, VIRTIO_F_RING_RESET) |
    when(ring.packed ?? false, VIRTIO_F_RING_PACKED) |
    when(ring.inOrder ?? false, VIRTIO_F_IN_ORDER) |
    when(ring.notificationData ?? false, VIRTIO_F_NOTIFICATION_DATA)
  );
}

function when(offered: boolean, feature: bigint): bigint {
  return offered ? feature : 0n;
}
