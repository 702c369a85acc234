/** The unsigned field of `width` bytes at `at`; bytes that are missing count as 0. From 2^53 on it is rounded. */
export function getBigEndian(data: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value = value * 256 + (data[at + index] ?? 0);
  return value;
}

/** Writes an unsigned field; of a value that is too large, the lower bytes. */
export function setBigEndian(data: Uint8Array, at: number, width: number, value: number): void {
  let rest = value;
  for (let index = at + width - 1; index >= at; index--) {
    data[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** The unsigned field of 8 bytes at `at`, exactly. */
export function getBigUint64(data: Uint8Array, at: number): bigint {
  return (BigInt(getBigEndian(data, at, 4)) << 32n) | BigInt(getBigEndian(data, at + 4, 4));
}

/** A field of ASCII without the spaces and zeros that fill it up; other bytes show as `.`. */
export function getAscii(data: Uint8Array, at: number, width: number): string {
  let text = '';
  for (const byte of data.subarray(at, at + width)) {
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte === 0 ? ' ' : '.';
  }
  return text.trimEnd();
}

/** Writes a field of ASCII, left-aligned and filled up with spaces (SPC-6). */
export function setAscii(data: Uint8Array, at: number, width: number, text: string): void {
  for (let index = 0; index < width; index++) {
    data[at + index] = index < text.length ? text.charCodeAt(index) : 0x20;
  }
}
