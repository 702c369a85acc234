/** Bytes of an array that a text shows; what follows is only counted. */
const BYTES_SHOWN = 32;

/** Fields that hold addresses or register contents, which nobody reads in decimal. */
const HEXADECIMAL = /(?:address|value|data|features|base|offset|mask|bits)$/iu;

/** A field as QEMU's trace log would show it: addresses in hexadecimal, strings bare where possible. */
export function fieldText(key: string, value: unknown): string {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= 0 && HEXADECIMAL.test(key)
      ? `0x${value.toString(16)}`
      : String(value);
  }
  const plain = plainValue(value);
  if (typeof plain !== 'string') return JSON.stringify(plain) ?? 'undefined';
  return /^[\u{21}-\u{7e}]+$/u.test(plain) && !plain.startsWith('"')
    ? plain
    : JSON.stringify(plain);
}

/** What JSON can hold of a value: bytes as hexadecimal digits, 64-bit values as hexadecimal numbers. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return value < 0n ? String(value) : `0x${value.toString(16)}`;
  if (value instanceof Uint8Array) return bytesText(value);
  return value;
}

function bytesText(bytes: Uint8Array): string {
  const digits = Array.from(bytes.subarray(0, BYTES_SHOWN), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  return bytes.length > BYTES_SHOWN ? `${digits}…(${bytes.length} bytes)` : digits;
}
