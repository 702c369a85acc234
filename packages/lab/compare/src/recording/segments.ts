import type { GuestRam } from '@dxelab/platform';
import { PlatformFault } from '@dxelab/platform';
import type { Segment } from './ring.ts';

/** Bytes of all of them. */
export function lengthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}

/** What begins a buffer, however it is cut (virtio §2.7.4); `undefined` if it is shorter, or not in RAM. */
export function firstBytes(
  ram: GuestRam,
  segments: readonly Segment[],
  count: number,
): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(count);
  let filled = 0;
  try {
    for (const { address, length } of segments) {
      const part = bytes.subarray(filled, filled + length);
      if (part.length > 0) ram.readBytes(address, part);
      filled += part.length;
    }
  } catch (caught) {
    if (caught instanceof PlatformFault) return undefined;
    throw caught;
  }
  return filled === count ? bytes : undefined;
}

/** What follows the first bytes of a buffer. */
export function withoutFirst(segments: readonly Segment[], count: number): readonly Segment[] {
  let left = count;
  return segments.flatMap((segment) => {
    const cut = Math.min(segment.length, left);
    left -= cut;
    const { address, length } = segment;
    return cut === length ? [] : { ...segment, address: address + cut, length: length - cut };
  });
}
