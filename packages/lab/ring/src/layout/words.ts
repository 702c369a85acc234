import type { Descriptor, Segment } from '../snapshot/descriptor.ts';
import type { RingRequest } from '../snapshot/snapshot.ts';
import { hasNext, isIndirect, isWritable } from '../snapshot/descriptor.ts';

/** What stands where there is nothing. */
export const NOTHING = '–';

/** Guest-physical addresses of one width, so that they can be compared by eye. */
export function addressText(address: bigint): string {
  return `0x${address.toString(16).padStart(8, '0')}`;
}

/** The flags of a descriptor that both rings have, by the names of the standard (virtio §2.7.5). */
export function flagsText(descriptor: Descriptor): string {
  const names = [
    ...(hasNext(descriptor) ? ['NEXT'] : []),
    ...(isWritable(descriptor) ? ['WRITE'] : []),
    ...(isIndirect(descriptor) ? ['INDIRECT'] : []),
  ];
  return names.length === 0 ? NOTHING : names.join(' ');
}

/** Whether nobody has written a descriptor yet. */
export function isBlank({ address, length, flags, nextOrId }: Descriptor): boolean {
  return address === 0n && length === 0 && flags === 0 && nextOrId === 0;
}

/** What a request is made of: `16 B to read, 512 B to write`. */
export function segmentsText(segments: readonly Segment[]): string {
  if (segments.length === 0) return 'no buffers';
  return segments
    .map(({ length, writable }) => `${length} B to ${writable ? 'write' : 'read'}`)
    .join(', ');
}

/** How many descriptors the device has; one that was made available twice counts once. */
export function inFlightSlots(inFlight: readonly RingRequest[]): number {
  return new Set(inFlight.flatMap(({ slots }) => slots)).size;
}
