import { VIRTQ_PACKED_DESC_SIZE, VRING_DESC_SIZE, VRING_USED_ELEM_SIZE } from '@dxelab/virtio';
import type { RingAreaName, RingPlace } from './ring-place.ts';
import { areaLength, RING_HEADER } from './ring-place.ts';

/** What a few bytes of a virtqueue are. */
export type RingPartKind =
  | 'descriptor'
  | 'available-flags'
  | 'available-index'
  | 'available-entry'
  | 'used-event'
  | 'used-flags'
  | 'used-index'
  | 'used-element'
  | 'available-event'
  | 'driver-event'
  | 'device-event';

/** The smallest piece of a virtqueue that means something by itself. */
export interface RingPart {
  readonly kind: RingPartKind;
  /** Of a descriptor, an entry or an element; else 0. */
  readonly index: number;
  readonly area: RingAreaName;
  /** In bytes from the beginning of the area. */
  readonly offset: number;
  readonly length: number;
}

/** What stands at an offset of an area that holds it. */
export function partAt(place: RingPlace, area: RingAreaName, offset: number): RingPart {
  if (area === 'descriptors') {
    const size = place.format === 'packed' ? VIRTQ_PACKED_DESC_SIZE : VRING_DESC_SIZE;
    return element('descriptor', area, 0, size, offset);
  }
  const driver = area === 'driver';
  if (place.format === 'packed') {
    const kind = driver ? 'driver-event' : 'device-event';
    return { kind, index: 0, area, offset: 0, length: areaLength(place, area) };
  }
  if (offset < 2) return single(driver ? 'available-flags' : 'used-flags', area, 0);
  if (offset < RING_HEADER) return single(driver ? 'available-index' : 'used-index', area, 2);
  const last = areaLength(place, area) - 2;
  if (offset >= last) return single(driver ? 'used-event' : 'available-event', area, last);
  return driver
    ? element('available-entry', area, RING_HEADER, 2, offset)
    : element('used-element', area, RING_HEADER, VRING_USED_ELEM_SIZE, offset);
}

/** Everything that a piece of an area touches, in its order. */
export function partsOf(
  place: RingPlace,
  area: RingAreaName,
  offset: number,
  length: number,
): readonly RingPart[] {
  const parts: RingPart[] = [];
  const end = Math.min(offset + length, areaLength(place, area));
  for (let at = Math.max(offset, 0); at < end;) {
    const part = partAt(place, area, at);
    parts.push(part);
    at = part.offset + part.length;
  }
  return parts;
}

/** What tells a part from all others of its queue: `descriptor 3`, `used-index`. */
export function partKey({ kind, index }: Pick<RingPart, 'kind' | 'index'>): string {
  return isOneOfMany(kind) ? `${kind} ${index}` : kind;
}

function isOneOfMany(kind: RingPartKind): boolean {
  return kind === 'descriptor' || kind === 'available-entry' || kind === 'used-element';
}

function single(kind: RingPartKind, area: RingAreaName, offset: number): RingPart {
  return { kind, index: 0, area, offset, length: 2 };
}

function element(
  kind: RingPartKind,
  area: RingAreaName,
  start: number,
  length: number,
  offset: number,
): RingPart {
  const index = Math.floor((offset - start) / length);
  return { kind, index, area, offset: start + index * length, length };
}
