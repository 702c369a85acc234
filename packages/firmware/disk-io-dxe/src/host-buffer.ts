import type { GuestRam } from '@dxelab/platform';
import type { GuestBuffer, HostBuffer } from '@dxelab/uefi';
import { isGuestBuffer } from '@dxelab/uefi';

/** A part of a buffer, of the buffer's own kind. */
export function partOf(buffer: HostBuffer, start: number, length: number): HostBuffer {
  return isGuestBuffer(buffer)
    ? { address: buffer.address + start, length }
    : buffer.subarray(start, start + length);
}

/** Copies as many bytes as the target has from `offset` of guest memory. */
export function copyFromGuest(
  ram: GuestRam,
  source: GuestBuffer,
  offset: number,
  target: HostBuffer,
): void {
  const from = source.address + offset;
  if (isGuestBuffer(target)) ram.copy(target.address, from, target.length);
  else ram.readBytes(from, target);
}

/** Copies all of the source to `offset` of guest memory. */
export function copyToGuest(
  ram: GuestRam,
  target: GuestBuffer,
  offset: number,
  source: HostBuffer,
): void {
  const to = target.address + offset;
  if (isGuestBuffer(source)) ram.copy(to, source.address, source.length);
  else ram.writeBytes(to, source);
}
