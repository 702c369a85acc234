import type { PhysicalAddress } from './address.ts';

/** Guest memory: what C would hold a pointer to. */
export interface GuestBuffer {
  readonly address: PhysicalAddress;
  /** In bytes. */
  readonly length: number;
}

/**
 * What a caller may hand to a service that moves data: guest memory, which a device can reach in
 * place, or a `Uint8Array`, which is always bounced.
 */
export type HostBuffer = GuestBuffer | Uint8Array;

/** Whether a buffer is guest memory, and not an array of the caller's. */
export function isGuestBuffer(buffer: HostBuffer): buffer is GuestBuffer {
  return !(buffer instanceof Uint8Array);
}
