import { EfiError } from '@dxelab/uefi';
import type { VirtqueueAreas } from '@dxelab/virtio';
import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_NOTIFICATION_DATA,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
  VIRTIO_PAGE_SIZE,
  VRING_DESC_SIZE,
} from '@dxelab/virtio';
import { queuePageNumber } from './checks.ts';

/** What a legacy interface can carry of the rings' features: what changes nothing but memory. */
export const LEGACY_RING_FEATURES: bigint = VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;

/** The same of a modern interface; beside it VIRTIO_F_RING_RESET, if it has the register. */
export const MODERN_RING_FEATURES: bigint =
  LEGACY_RING_FEATURES | VIRTIO_F_RING_PACKED | VIRTIO_F_IN_ORDER | VIRTIO_F_NOTIFICATION_DATA;

export const RESETTABLE_RING_FEATURES: bigint = MODERN_RING_FEATURES | VIRTIO_F_RING_RESET;

/** The first and the longest pause between two looks at a queue that is being reset, in microseconds. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 1000;
const LONGEST_RESET = 1_000_000;

/** The notification of a driver that has VIRTIO_F_NOTIFICATION_DATA (virtio §4.1.5.2, §4.2.3.3). */
export function notificationData(index: number, next: number): number {
  return (index | (next << 16)) >>> 0;
}

/**
 * virtio §2.6.1.2: a queue is reset when the device says so, and not before.
 * @param ongoing whether the register still reads 1, or the queue is still enabled
 * @throws EFI_DEVICE_ERROR after a second
 */
export function waitForQueueReset(
  index: number,
  ongoing: () => boolean,
  bs: { stall(microseconds: number): void },
): void {
  let pause = FIRST_PAUSE;
  for (let waited = 0; ongoing(); waited += pause) {
    if (waited > 0) pause = Math.min(2 * pause, LONGEST_PAUSE);
    if (waited >= LONGEST_RESET) {
      throw new EfiError(
        'EFI_DEVICE_ERROR',
        `virtqueue ${index} does not come back from its reset`,
      );
    }
    bs.stall(pause);
  }
}

/** What only a modern interface has. */
export function modernOnly(what: string): EfiError {
  return new EfiError('EFI_UNSUPPORTED', `a legacy interface has no ${what}`);
}

/**
 * The page of a ring that is in one piece, as legacy devices expect it (virtio §2.7.2).
 * @throws EFI_UNSUPPORTED for any other
 */
export function legacyRingPage(areas: VirtqueueAreas, queueSize: number): number {
  const { descriptor, driver, device } = areas;
  const avail = descriptor + queueSize * VRING_DESC_SIZE;
  const used = Math.ceil((avail + 6 + queueSize * 2) / VIRTIO_PAGE_SIZE) * VIRTIO_PAGE_SIZE;
  if (driver !== avail || device !== used) throw modernOnly('queues whose parts lie anywhere');
  return queuePageNumber(descriptor);
}
