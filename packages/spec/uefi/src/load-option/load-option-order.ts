import { concatBytes, viewOf } from '../bytes.ts';
import { uint16 } from '../device-path/node.ts';
import type { Reading } from '../disk/reading.ts';
import { broken, sound } from '../disk/reading.ts';

// BootOrder, DriverOrder and SysPrepOrder (UEFI §3.3): numbers of load options, 16 bits each.

/** The numbers in an order, as they stand. */
export function readLoadOptionOrder(bytes: Uint8Array): Reading<readonly number[]> {
  if (bytes.length % 2 !== 0) return broken(`expected 16-bit numbers, found ${bytes.length} bytes`);
  const view = viewOf(bytes);
  return sound(
    Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(index * 2, true)),
  );
}

/** The bytes of an order. @throws EFI_INVALID_PARAMETER for a number of more than 16 bits */
export function writeLoadOptionOrder(numbers: readonly number[]): Uint8Array {
  return concatBytes(...numbers.map(uint16));
}
