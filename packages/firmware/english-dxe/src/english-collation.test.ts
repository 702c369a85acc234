import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EnglishCollation } from './english-collation.ts';
import { LATIN_1_LETTERS, UNICODE_LETTERS } from './letters.ts';

const collation = new EnglishCollation(UNICODE_LETTERS, 'en');

describe('which letters are the same', () => {
  test.each([
    ['readme.TXT', 'README.txt'],
    ['ÄÖÜ', 'äöü'],
    ['Ελληνικά', 'ΕΛΛΗΝΙΚΆ'],
    ['Кириллица', 'КИРИЛЛИЦА'],
  ])('"%s" is "%s"', (one, other) => {
    expect(UNICODE_LETTERS.upper(one)).toBe(UNICODE_LETTERS.upper(other));
    expect(collation.striColl(one, other)).toBe(0);
  });

  test.each([
    ['straße', 'STRASSE'],
    ['ı', 'i'],
    ['ſ', 's'],
    ['日', '本'],
  ])('"%s" is not "%s"', (one, other) => {
    expect(UNICODE_LETTERS.upper(one)).not.toBe(UNICODE_LETTERS.upper(other));
    expect(collation.striColl(one, other)).not.toBe(0);
  });

  test('EDK II knows the letters of Latin-1 only', () => {
    expect(LATIN_1_LETTERS.upper('`az{ àþÿ')).toBe('`AZ{ ÀÞÿ');
    expect(LATIN_1_LETTERS.lower('@AZ[ ÀÞß')).toBe('@az[ àþß');
    expect([LATIN_1_LETTERS.upper('÷'), LATIN_1_LETTERS.lower('×')]).toEqual(['÷', '×']);
    expect(LATIN_1_LETTERS.upper('Ω')).not.toBe(LATIN_1_LETTERS.upper('ω'));
  });
});

describe('StriColl, StrLwr, StrUpr (UEFI §13.7)', () => {
  test('the shorter of two that begin alike comes first', () => {
    expect(collation.striColl('ab', 'ABC')).toBeLessThan(0);
    expect(collation.striColl('abc', 'AB')).toBeGreaterThan(0);
    expect(collation.striColl('', '')).toBe(0);
  });

  test('property: it is an order', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const forth = Math.sign(collation.striColl(one, other));
        expect(Math.sign(collation.striColl(other, one)) + forth).toBe(0);
      }),
    );
  });

  test('change the case and nothing else', () => {
    expect(collation.strUpr('Grüße 1')).toBe('GRÜßE 1');
    expect(collation.strLwr('GRÜßE 1')).toBe('grüße 1');
  });
});

describe('MetaiMatch (UEFI §13.7.3)', () => {
  test.each([
    ['boot.efi', '*.EFI'],
    ['', '*'],
    ['', ''],
    ['abc', 'a?c'],
    ['ABC', 'a*'],
    ['abcbc', 'a*bc'],
    ['x5y', 'x[0-9]y'],
    ['xay', 'x[abc]Y'],
    ['x-y', 'x[a-]y'],
    ['aXbXc', '*x*x*'],
    ['a', '***a***'],
  ])('"%s" matches "%s"', (text, pattern) => {
    expect(collation.metaiMatch(text, pattern)).toBe(true);
  });

  test.each([
    ['', '?'],
    ['abc', 'ab'],
    ['ab', 'abc'],
    ['xdy', 'x[abc]y'],
    ['x[', 'x['],
    ['abcb', 'a*bc'],
    ['a', '[]'],
  ])('"%s" does not match "%s"', (text, pattern) => {
    expect(collation.metaiMatch(text, pattern)).toBe(false);
  });

  test('property: as a regular expression says', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(letters, patterns, (text, pattern) => {
        const expression = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(collation.metaiMatch(text, pattern)).toBe(new RegExp(`^${expression}$`).test(text));
      }),
    );
  });

  test('no pattern takes for ever', () => {
    const begin = performance.now();
    expect(collation.metaiMatch('a'.repeat(2000), `${'*a'.repeat(30)}*b`)).toBe(false);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

describe('FatToStr and StrToFat (UEFI §13.7.6, §13.7.7)', () => {
  test('FatToStr ends at a NUL', () => {
    expect(collation.fatToStr(Uint8Array.of(0x41, 0xc4, 0, 0x42))).toBe('AÄ');
    expect(collation.fatToStr(Uint8Array.of(0x41, 0x42))).toBe('AB');
  });

  test('StrToFat leaves out dots and spaces, and says what FAT cannot hold', () => {
    const fat = (text: string, size = 8) => {
      const { fat: bytes, substituted } = collation.strToFat(text, size);
      return [collation.fatToStr(bytes), substituted];
    };
    expect(fat('a. b')).toEqual(['AB', false]);
    expect(fat('a+b')).toEqual(['A_B', true]);
    expect(fat('日x')).toEqual(['_X', true]);
    expect(fat('abcdefghijk')).toEqual(['ABCDEFGH', false]);
  });
});
