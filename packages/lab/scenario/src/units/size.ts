/** An amount of bytes: a number, or a text with a unit such as `256 MiB`. */
export type Size = number | string;

/** What a size looks like, for a pattern of a JSON Schema. */
export const SIZE_PATTERN: RegExp = /^\d+(?:\.\d+)? ?(?:B|KiB|MiB|GiB|TiB)$/u;

/** How messages describe a size. */
export const SIZE_EXPECTED =
  "a size such as '256 MiB' (B, KiB, MiB, GiB, TiB) or a number of bytes";

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** The bytes of a size; `undefined` if it is none, or no whole number of bytes. */
export function parseSize(size: Size): number | undefined {
  const bytes = typeof size === 'number' ? size : parseText(size);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

function parseText(text: string): number {
  if (!SIZE_PATTERN.test(text)) return Number.NaN;
  const unit = text.replace(/^[\d.]+ ?/u, '');
  return Number.parseFloat(text) * (UNITS[unit] ?? Number.NaN);
}
