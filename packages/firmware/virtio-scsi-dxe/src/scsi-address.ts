import type { ScsiAddress } from '@dxelab/uefi';
import { TARGET_MAX_BYTES } from '@dxelab/uefi';

/** What an array is that names no target: higher than any. */
const NO_TARGET = 0x1_0000;

/**
 * The number that a target's array holds in its first two bytes, least significant first; an array
 * that holds more names no target, unless the rest is `restIgnored`.
 */
export function targetNumber(target: Uint8Array, restIgnored: boolean): number {
  if (target.length !== TARGET_MAX_BYTES) return NO_TARGET;
  if (!restIgnored) {
    for (let index = 2; index < TARGET_MAX_BYTES; index++) {
      if (target[index] !== 0) return NO_TARGET;
    }
  }
  return (target[0] ?? 0) | ((target[1] ?? 0) << 8);
}

/** The array of a target; what is behind the number stays what it was in `previous`. */
export function targetArray(number: number, previous?: Uint8Array): Uint8Array {
  const target = new Uint8Array(TARGET_MAX_BYTES);
  if (previous !== undefined) target.set(previous);
  target[0] = number & 0xff;
  target[1] = number >> 8;
  return target;
}

/** A logical unit, by its numbers. */
export function scsiAddress(target: number, lun: number, previous?: ScsiAddress): ScsiAddress {
  return { target: targetArray(target, previous?.target), lun };
}

/**
 * The first four bytes of a virtio address, as one little-endian number: 1, the target, and the LUN by
 * flat addressing, most significant byte first. The other four are 0 (virtio §5.6.6.1, SAM-6 §4.7.7.3).
 */
export function virtioScsiLun(target: number, lun: number): number {
  return (((lun & 0xff) << 24) | ((0x40 | (lun >> 8)) << 16) | (target << 8) | 1) >>> 0;
}
