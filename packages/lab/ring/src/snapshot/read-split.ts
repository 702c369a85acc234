import { VRING_USED_ELEM_SIZE } from '@dxelab/virtio';
import type { RingImage } from '../ring-image.ts';
import type { RingPlace } from '../ring-place.ts';
import { RING_HEADER } from '../ring-place.ts';
import { descriptorAt } from './descriptor.ts';
import type { SplitSnapshot } from './snapshot.ts';

/** Reads what the bytes of a split virtqueue say by themselves (virtio §2.7.5, §2.7.6, §2.7.8). */
export function readSplit(
  { size }: RingPlace,
  { descriptors, driver, device }: RingImage,
): Pick<SplitSnapshot, 'descriptors' | 'available' | 'used'> {
  const available = new DataView(driver.buffer, driver.byteOffset, driver.length);
  const used = new DataView(device.buffer, device.byteOffset, device.length);
  const numbers = Array.from({ length: size }, (_, index) => index);
  return {
    descriptors: numbers.map((index) => descriptorAt(descriptors, 'split', index)),
    available: {
      flags: available.getUint16(0, true),
      index: available.getUint16(2, true),
      entries: numbers.map((index) => available.getUint16(RING_HEADER + index * 2, true)),
      usedEvent: available.getUint16(driver.length - 2, true),
    },
    used: {
      flags: used.getUint16(0, true),
      index: used.getUint16(2, true),
      elements: numbers.map((index) => {
        const at = RING_HEADER + index * VRING_USED_ELEM_SIZE;
        return { id: used.getUint32(at, true), length: used.getUint32(at + 4, true) };
      }),
      availableEvent: used.getUint16(device.length - 2, true),
    },
  };
}
