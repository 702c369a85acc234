import type { RingAreaName, RingPlace } from './ring-place.ts';
import { areaLength } from './ring-place.ts';

/** The bytes of a virtqueue at one moment. */
export type RingImage = Readonly<Record<RingAreaName, Uint8Array>>;

/** Bytes that are other than at the moment before. */
export interface RingChange {
  readonly area: RingAreaName;
  /** In bytes from the beginning of the area. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A virtqueue in which nothing has been written. */
export function blankImage(place: RingPlace): RingImage {
  return {
    descriptors: new Uint8Array(areaLength(place, 'descriptors')),
    driver: new Uint8Array(areaLength(place, 'driver')),
    device: new Uint8Array(areaLength(place, 'device')),
  };
}

export function copyImage({ descriptors, driver, device }: RingImage): RingImage {
  return { descriptors: descriptors.slice(), driver: driver.slice(), device: device.slice() };
}

/** Makes an image what it is after some changes. */
export function applyChanges(image: RingImage, changes: readonly RingChange[]): void {
  for (const { area, offset, bytes } of changes) image[area].set(bytes, offset);
}

/** The one stretch of `after` outside of which nothing differs; `undefined` if nothing does at all. */
export function changeBetween(
  area: RingAreaName,
  before: Uint8Array,
  after: Uint8Array,
  offset = 0,
): RingChange | undefined {
  let first = 0;
  let end = after.length;
  while (first < end && before[first + offset] === after[first]) first++;
  while (end > first && before[end - 1 + offset] === after[end - 1]) end--;
  if (first === end) return undefined;
  return { area, offset: offset + first, bytes: after.slice(first, end) };
}
