import { VRING_USED_ELEM_SIZE } from '@dxelab/virtio';
import type { RingImage } from '../ring-image.ts';
import type { RingPlace } from '../ring-place.ts';
import { RING_HEADER } from '../ring-place.ts';
import { descriptorAt } from './descriptor.ts';
import type { SplitSnapshot, UsedElement } from './snapshot.ts';

const INDEX = 2;
const AVAILABLE_ENTRY = 2;

/** How many chains the driver has made available, modulo 2^16. */
export function availableIndex({ driver }: RingImage): number {
  return viewOf(driver).getUint16(INDEX, true);
}

/** The head in an entry of the available ring. */
export function availableEntry({ driver }: RingImage, entry: number): number {
  return viewOf(driver).getUint16(RING_HEADER + entry * AVAILABLE_ENTRY, true);
}

/** How many chains the device has used, modulo 2^16. */
export function usedIndex({ device }: RingImage): number {
  return viewOf(device).getUint16(INDEX, true);
}

export function usedElement({ device }: RingImage, entry: number): UsedElement {
  const view = viewOf(device);
  const at = RING_HEADER + entry * VRING_USED_ELEM_SIZE;
  return { id: view.getUint32(at, true), length: view.getUint32(at + 4, true) };
}

/** Reads what the bytes of a split virtqueue say by themselves (virtio §2.7.5, §2.7.6, §2.7.8). */
export function readSplit(
  { size }: RingPlace,
  image: RingImage,
): Pick<SplitSnapshot, 'descriptors' | 'available' | 'used'> {
  const { descriptors, driver, device } = image;
  const available = viewOf(driver);
  const used = viewOf(device);
  const numbers = Array.from({ length: size }, (_, index) => index);
  return {
    descriptors: numbers.map((index) => descriptorAt(descriptors, 'split', index)),
    available: {
      flags: available.getUint16(0, true),
      index: availableIndex(image),
      entries: numbers.map((index) => availableEntry(image, index)),
      usedEvent: available.getUint16(driver.length - 2, true),
    },
    used: {
      flags: used.getUint16(0, true),
      index: usedIndex(image),
      elements: numbers.map((index) => usedElement(image, index)),
      availableEvent: used.getUint16(device.length - 2, true),
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
