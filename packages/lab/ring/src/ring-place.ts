import {
  VIRTQ_EVENT_SUPPRESS_SIZE,
  VIRTQ_PACKED_DESC_SIZE,
  VRING_DESC_SIZE,
  VRING_USED_ELEM_SIZE,
} from '@dxelab/virtio';

/** How a virtqueue lies in memory (virtio §2.7, §2.8). */
export type RingFormat = 'split' | 'packed';

/**
 * The three areas of a virtqueue as virtio §2.6 names them: what describes buffers, what else the driver
 * writes, what else the device writes.
 */
export type RingAreaName = 'descriptors' | 'driver' | 'device';

/** Where a virtqueue is, and what was negotiated for it. */
export interface RingPlace {
  readonly format: RingFormat;
  /** In descriptors. */
  readonly size: number;
  /** Guest-physical addresses of the areas. */
  readonly descriptors: number;
  readonly driver: number;
  readonly device: number;
  /** The feature bits that the driver has accepted. */
  readonly features: bigint;
}

export const RING_AREAS: readonly RingAreaName[] = ['descriptors', 'driver', 'device'];

/** Flags and index of a split ring's available or used ring (virtio §2.7.6, §2.7.8). */
export const RING_HEADER = 4;
const AVAILABLE_ENTRY = 2;
const EVENT = 2;

/** The length of an area in bytes; of a split ring with its event field, used or not. */
export function areaLength({ format, size }: RingPlace, area: RingAreaName): number {
  if (format === 'packed') {
    return area === 'descriptors' ? size * VIRTQ_PACKED_DESC_SIZE : VIRTQ_EVENT_SUPPRESS_SIZE;
  }
  switch (area) {
    case 'descriptors':
      return size * VRING_DESC_SIZE;
    case 'driver':
      return RING_HEADER + size * AVAILABLE_ENTRY + EVENT;
    case 'device':
    default:
      return RING_HEADER + size * VRING_USED_ELEM_SIZE + EVENT;
  }
}
