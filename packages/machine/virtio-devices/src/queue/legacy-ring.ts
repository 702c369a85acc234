import type { QueueAddresses } from './virtqueue.ts';

const DESC_SIZE = 16;
/** Flags, index and used_event around the entries. */
const AVAIL_FIELDS = 6;
const AVAIL_ENTRY = 2;

/**
 * Where the parts of a legacy queue lie: one behind the other, the used ring at the next multiple of
 * `alignment` (virtio §2.7.2).
 * @param base of the descriptor table
 * @param alignment in bytes, a power of two
 */
export function legacyRing(base: number, size: number, alignment: number): QueueAddresses {
  const driver = base + DESC_SIZE * size;
  const end = driver + AVAIL_FIELDS + AVAIL_ENTRY * size;
  return { desc: base, driver, device: Math.ceil(end / alignment) * alignment };
}
