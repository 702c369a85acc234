const EISA_ID = /^([A-Z])([A-Z])([A-Z])([0-9a-f]{4})$/i;

/** An EISA id as text: `PNP0A03`; `undefined` if its three letters are none. */
export function eisaIdToText(id: number): string | undefined {
  const letters = [10, 5, 0].map((shift) => ((id >>> shift) & 0x1f) + 0x40);
  const compressed = (id & 0x8000) === 0;
  if (!compressed || letters.some((letter) => letter < 0x41 || letter > 0x5a)) return undefined;
  const product = (id >>> 16).toString(16).toUpperCase().padStart(4, '0');
  return String.fromCharCode(...letters) + product;
}

/** The EISA id of a text; `undefined` if it is none. */
export function eisaIdFromText(text: string): number | undefined {
  const match = EISA_ID.exec(text.toUpperCase());
  if (match === null) return undefined;
  const letter = (index: number): number => ((match[index] ?? '').codePointAt(0) ?? 0) & 0x1f;
  const product = Number.parseInt(match[4] ?? '', 16);
  return product * 0x10000 + (letter(1) << 10) + (letter(2) << 5) + letter(3);
}
