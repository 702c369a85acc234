import {
  VIRTQ_DESC_F_AVAIL,
  VIRTQ_DESC_F_USED,
  VIRTQ_EVENT_SUPPRESS,
  VIRTQ_EVENT_SUPPRESS_WRAP,
} from '@dxelab/virtio';
import type { RingImage } from '../ring-image.ts';
import type { RingPlace } from '../ring-place.ts';
import type { Descriptor } from './descriptor.ts';
import { descriptorAt } from './descriptor.ts';
import type { EventSuppression, PackedSnapshot } from './snapshot.ts';

/** Reads what the bytes of a packed virtqueue say by themselves (virtio §2.8.13, §2.8.14). */
export function readPacked(
  { size }: RingPlace,
  { descriptors, driver, device }: RingImage,
): Pick<PackedSnapshot, 'descriptors' | 'driverEvent' | 'deviceEvent'> {
  return {
    descriptors: Array.from({ length: size }, (_, index) =>
      descriptorAt(descriptors, 'packed', index),
    ),
    driverEvent: eventSuppression(driver),
    deviceEvent: eventSuppression(device),
  };
}

/** Whether the driver has made a descriptor available in the round with this wrap counter (virtio §2.8.1). */
export function isAvailable({ flags }: Pick<Descriptor, 'flags'>, wrap: 0 | 1): boolean {
  const available = (flags & VIRTQ_DESC_F_AVAIL) !== 0;
  const used = (flags & VIRTQ_DESC_F_USED) !== 0;
  return available === (wrap === 1) && used !== available;
}

/** Whether the device has used a descriptor in the round with this wrap counter (virtio §2.8.1). */
export function isUsed({ flags }: Pick<Descriptor, 'flags'>, wrap: 0 | 1): boolean {
  const available = (flags & VIRTQ_DESC_F_AVAIL) !== 0;
  const used = (flags & VIRTQ_DESC_F_USED) !== 0;
  return used === (wrap === 1) && available === used;
}

function eventSuppression(bytes: Uint8Array): EventSuppression {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const where = view.getUint16(VIRTQ_EVENT_SUPPRESS.descriptor, true);
  return {
    offset: where & (VIRTQ_EVENT_SUPPRESS_WRAP - 1),
    wrap: (where & VIRTQ_EVENT_SUPPRESS_WRAP) === 0 ? 0 : 1,
    flags: view.getUint16(VIRTQ_EVENT_SUPPRESS.flags, true) & 3,
  };
}
