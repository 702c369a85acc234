/** Makes two names equal when a file system that ignores case calls them the same. */
export type NameFold = (name: string) => string;

/**
 * Upper case by Unicode, one UTF-16 unit at a time, since FAT compares units: what would become longer
 * (ß) stays, and so does what would become ASCII (dotless i), for that would be another letter.
 */
export const foldUnicode: NameFold = (name) => fold(name, upperUnicode);

/** What EDK II's EnglishDxe does: letters of Latin-1 only (MdeModulePkg/Universal/Disk/UnicodeCollation). */
export const foldLatin1: NameFold = (name) => fold(name, upperLatin1);

// Nothing above ASCII: then both do the same, and the engine's own function is the fastest.
const BEYOND_ASCII = /[\u0080-\uffff]/;

function fold(name: string, upper: (unit: number) => number): string {
  if (!BEYOND_ASCII.test(name)) return name.toUpperCase();
  let folded = '';
  for (let index = 0; index < name.length; index++) {
    folded += String.fromCharCode(upper(name.charCodeAt(index)));
  }
  return folded;
}

function upperUnicode(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase();
  const folded = upper.charCodeAt(0);
  return upper.length === 1 && (unit < 0x80 || folded >= 0x80) ? folded : unit;
}

function upperLatin1(unit: number): number {
  const lower = (unit >= 0x61 && unit <= 0x7a) || (unit >= 0xe0 && unit <= 0xfe && unit !== 0xf7);
  return lower ? unit - 0x20 : unit;
}
