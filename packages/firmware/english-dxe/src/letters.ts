/** Which letter belongs to which, and how they are written. */
export interface Letters {
  readonly upper: (text: string) => string;
  readonly lower: (text: string) => string;
}

/**
 * By Unicode, one UTF-16 unit at a time, since names are compared by units: what would become longer (ß)
 * stays, and so does what would become ASCII (dotless i), for that would be another letter.
 */
export const UNICODE_LETTERS: Letters = {
  upper: (text) => (BEYOND_ASCII.test(text) ? mapUnits(text, upperUnicode) : text.toUpperCase()),
  lower: (text) => (BEYOND_ASCII.test(text) ? mapUnits(text, lowerUnicode) : text.toLowerCase()),
};

/** Letters of Latin-1 only, as EDK II's EnglishDxe. */
export const LATIN_1_LETTERS: Letters = {
  upper: (text) => (BEYOND_ASCII.test(text) ? mapUnits(text, upperLatin1) : text.toUpperCase()),
  lower: (text) => (BEYOND_ASCII.test(text) ? mapUnits(text, lowerLatin1) : text.toLowerCase()),
};

// Nothing above ASCII: then both do the same, and the engine's own function is the fastest.
const BEYOND_ASCII = /[\u0080-\uffff]/;
const CASE_DISTANCE = 0x20;

function mapUnits(text: string, map: (unit: number) => number): string {
  let mapped = '';
  for (let index = 0; index < text.length; index++) {
    mapped += String.fromCharCode(map(text.charCodeAt(index)));
  }
  return mapped;
}

function upperUnicode(unit: number): number {
  return oneUnit(unit, String.fromCharCode(unit).toUpperCase());
}

function lowerUnicode(unit: number): number {
  return oneUnit(unit, String.fromCharCode(unit).toLowerCase());
}

function oneUnit(unit: number, mapped: string): number {
  const folded = mapped.charCodeAt(0);
  return mapped.length === 1 && (unit < 0x80 || folded >= 0x80) ? folded : unit;
}

function upperLatin1(unit: number): number {
  const isLower = (unit >= 0x61 && unit <= 0x7a) || (unit >= 0xe0 && unit <= 0xfe && unit !== 0xf7);
  return isLower ? unit - CASE_DISTANCE : unit;
}

function lowerLatin1(unit: number): number {
  const isUpper = (unit >= 0x41 && unit <= 0x5a) || (unit >= 0xc0 && unit <= 0xde && unit !== 0xd7);
  return isUpper ? unit + CASE_DISTANCE : unit;
}
