import type { CodePage } from './code-page.ts';
import { decodeOem } from './code-page.ts';

/** Bits of a record's case flags, as Windows NT writes them. */
const BASE_LOWER = 0x08;
const EXTENSION_LOWER = 0x10;
/** What an 8.3 name may consist of, besides letters and digits. */
const NOT_SHORT = /[^A-Z0-9$%'\-_@~`!(){}^#&]/g;
/** After so many tails of one digit a hash of the name takes over, lest 10,000 alike names cost 10,000² looks. */
const PLAIN_TAILS = 4;

/** The 8.3 side of a name. */
export interface ShortName {
  /** 11 characters: base and extension, padded with spaces. */
  readonly name: string;
  /** Whether the name is an 8.3 name; else `name` is only what a numeric tail can be put to. */
  readonly exact: boolean;
  readonly caseFlags: number;
  /** Whether the long name has to be stored as well, be it for its upper and lower case alone. */
  readonly needsLongName: boolean;
}

/** FatPkg/EnhancedFatDxe/FileName.c: FatCheckIs8Dot3Name, FatSetCaseFlag. */
export function shortNameOf(longName: string): ShortName {
  const dot = longName.lastIndexOf('.');
  const base = dot === -1 ? longName : longName.slice(0, dot);
  const extension = dot === -1 ? '' : longName.slice(dot + 1);
  const shortBase = legal(base);
  const shortExtension = legal(extension);
  const name = shortBase.slice(0, 8).padEnd(8) + shortExtension.slice(0, 3).padEnd(3);
  const exact =
    base.length >= 1 &&
    base.length <= 8 &&
    extension.length <= 3 &&
    (dot === -1 || extension.length > 0) &&
    shortBase === asciiUpper(base) &&
    shortExtension === asciiUpper(extension);
  const caseFlags = (isLower(base) ? BASE_LOWER : 0) | (isLower(extension) ? EXTENSION_LOWER : 0);
  const plain = exact && !isMixed(base) && !isMixed(extension);
  return { name, exact, caseFlags: plain ? caseFlags : 0, needsLongName: !plain };
}

/**
 * An 8.3 name with a numeric tail that nobody has yet (FAT specification, "The Numeric-Tail Generation
 * Algorithm"; FileName.c: FatCreate8Dot3Name).
 * @param basis what `shortNameOf` made of the name
 */
export function withNumericTail(
  basis: string,
  longName: string,
  isTaken: (shortName: string) => boolean,
): string {
  const base = basis.slice(0, 8).trimEnd();
  const extension = basis.slice(8);
  for (let tail = 1; tail <= PLAIN_TAILS; tail++) {
    const candidate = `${base.slice(0, 6)}~${tail}`.padEnd(8) + extension;
    if (!isTaken(candidate)) return candidate;
  }
  // A directory has at most 65,536 entries, so that one of 65,536 × 9 names is free.
  for (let hash = hash16(longName); ; hash = (hash + 1) & 0xffff) {
    const digits = hash.toString(16).toUpperCase().padStart(4, '0');
    for (let tail = 1; tail <= 9; tail++) {
      const candidate = `${base.slice(0, 2)}${digits}~${tail}`.padEnd(8) + extension;
      if (!isTaken(candidate)) return candidate;
    }
  }
}

/** A record's 8.3 name as people write it. */
export function shortNameText(name: string, caseFlags: number, page: CodePage): string {
  const base = decodeOem(name.slice(0, 8), page);
  const extension = decodeOem(name.slice(8), page);
  const shownBase = (caseFlags & BASE_LOWER) === 0 ? base : base.toLowerCase();
  if (extension === '') return shownBase;
  const shownExtension = (caseFlags & EXTENSION_LOWER) === 0 ? extension : extension.toLowerCase();
  return `${shownBase}.${shownExtension}`;
}

/** Upper case, without dots and spaces, and with `_` for what an 8.3 name cannot hold. */
function legal(part: string): string {
  return asciiUpper(part.replaceAll(/[ .]/g, '')).replaceAll(NOT_SHORT, '_');
}

// Letters beyond ASCII would depend on a code page that the volume does not name.
function asciiUpper(text: string): string {
  return text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase());
}

function isLower(part: string): boolean {
  return /[a-z]/.test(part) && !/[A-Z]/.test(part);
}

function isMixed(part: string): boolean {
  return /[a-z]/.test(part) && /[A-Z]/.test(part);
}

/** FNV-1a, folded: any hash will do that scatters alike names. */
function hash16(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & 0xffff;
}
