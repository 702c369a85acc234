import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_NOTIFICATION_DATA,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
} from '@dxelab/virtio';

/** What a driver and a device have agreed on. */
export interface VirtioNegotiated {
  /** What the device offers, but for what the driver was told to decline: hexadecimal. */
  readonly offered: string;
  /** What was taken of it: hexadecimal. */
  readonly features: string;
  /** What that makes of the rings, in words. */
  readonly ring: string;
}

declare module '@dxelab/platform' {
  interface TraceEvents {
    /** A driver has brought a device up: it is between the two events of its Start. */
    readonly virtio_negotiated: VirtioNegotiated;
  }
}

const WORDS: readonly (readonly [bigint, string])[] = [
  [VIRTIO_F_IN_ORDER, 'in order'],
  [VIRTIO_F_INDIRECT_DESC, 'indirect'],
  [VIRTIO_F_EVENT_IDX, 'event indices'],
  [VIRTIO_F_NOTIFICATION_DATA, 'notification data'],
  [VIRTIO_F_RING_RESET, 'reset'],
];

/** The same in words: `packed, indirect, event indices` (virtio §6). */
export function virtioNegotiated(offered: bigint, features: bigint): VirtioNegotiated {
  const kind = (features & VIRTIO_F_RING_PACKED) === 0n ? 'split' : 'packed';
  const others = WORDS.filter(([bit]) => (features & bit) !== 0n).map(([, word]) => word);
  return { offered: hex(offered), features: hex(features), ring: [kind, ...others].join(', ') };
}

function hex(features: bigint): string {
  return `0x${features.toString(16)}`;
}
