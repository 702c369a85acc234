/** Bytes as hexadecimal digits, two each. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of hexadecimal digits, two each, with or without spaces; what is none of them counts as nothing. */
export function bytesOfHex(digits: string): Uint8Array {
  const pairs = digits.replaceAll(/\s/gu, '').match(/[\da-f]{2}/giu) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
