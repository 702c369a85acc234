import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODE_PAGE_437, LATIN_1 } from './code-page.ts';
import { shortNameOf, shortNameText, withNumericTail } from './short-name.ts';

describe('which names are 8.3 names, and how they are stored', () => {
  test.each([
    ['FOO', 'FOO        ', 0],
    ['FOO.TXT', 'FOO     TXT', 0],
    ['foo.txt', 'FOO     TXT', 0x18],
    ['foo.TXT', 'FOO     TXT', 0x08],
    ['FOO.txt', 'FOO     TXT', 0x10],
    ['12345678.123', '12345678123', 0],
    ["$%'-_@~`.!()", "$%'-_@~`!()", 0],
  ])('"%s" is stored as "%s" with case flags %i', (name, stored, caseFlags) => {
    expect(shortNameOf(name)).toEqual({
      name: stored,
      exact: true,
      caseFlags,
      needsLongName: false,
    });
  });

  test('mixed case is an 8.3 name that needs a long one for its case', () => {
    expect(shortNameOf('Read.Me')).toEqual({
      name: 'READ    ME ',
      exact: true,
      caseFlags: 0,
      needsLongName: true,
    });
  });

  test.each([
    ['123456789', '12345678   '],
    ['a.long', 'A       LON'],
    ['two.dots.txt', 'TWODOTS TXT'],
    ['with space', 'WITHSPAC   '],
    ['.hidden', '        HID'],
    ['dot.', 'DOT        '],
    ['plus+[x]', 'PLUS__X_   '],
    ['Übergröße', '_BERGR__   '],
    ['日本', '__         '],
  ])('"%s" is none; its numeric tail goes to "%s"', (name, basis) => {
    expect(shortNameOf(name)).toEqual({
      name: basis,
      exact: false,
      caseFlags: 0,
      needsLongName: true,
    });
  });
});

describe('numeric tails (FAT specification)', () => {
  const nobody = (): boolean => false;

  test.each([
    ['a long name.text', 'ALONGN~1TEX'],
    ['x y', 'XY~1       '],
    ['.hidden', '~1      HID'],
  ])('"%s" becomes "%s"', (name, tailed) => {
    expect(withNumericTail(shortNameOf(name).name, name, nobody)).toBe(tailed);
  });

  test('~1 to ~4 are tried, then a hash', () => {
    const taken = new Set<string>();
    const names = Array.from({ length: 5 }, (_, index) => {
      const name = `alike names ${index}`;
      const short = withNumericTail(shortNameOf(name).name, name, (text) => taken.has(text));
      taken.add(short);
      return short;
    });
    expect(names.slice(0, 4)).toEqual([1, 2, 3, 4].map((tail) => `ALIKEN~${tail}   `));
    expect(names[4]).toMatch(/^AL[0-9A-F]{4}~1 {3}$/);
  });

  test('after ~4 a hash of the name takes over, so that a name is found in few looks', () => {
    const taken = new Set<string>();
    let looks = 0;
    for (let index = 0; index < 10_000; index++) {
      const name = `a name like many others ${index}.txt`;
      const short = withNumericTail(shortNameOf(name).name, name, (candidate) => {
        looks++;
        return taken.has(candidate);
      });
      expect(taken.has(short)).toBe(false);
      expect(short).toMatch(/^[A-Z0-9_~ ]{8}TXT$/);
      taken.add(short);
    }
    expect(looks).toBeLessThan(60_000);
  });

  test('every name gets one that is free, and that is an 8.3 name itself', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 20, unit: 'binary' })), (names) => {
        const taken = new Set<string>();
        for (const name of names) {
          const short = withNumericTail(shortNameOf(name).name, name, (text) => taken.has(text));
          expect(short).toMatch(/^[A-Z0-9$%'\-_@~`!(){}^#&]+ *$/);
          expect(short).toHaveLength(11);
          expect(taken.has(short)).toBe(false);
          taken.add(short);
        }
      }),
    );
  });
});

describe('an 8.3 name as text', () => {
  test.each([
    ['FOO     TXT', 0, 'FOO.TXT'],
    ['FOO     TXT', 0x18, 'foo.txt'],
    ['FOO     TXT', 0x08, 'foo.TXT'],
    ['FOO        ', 0, 'FOO'],
    ['.          ', 0, '.'],
    ['..         ', 0, '..'],
  ])('"%s" with case flags %i is "%s"', (name, flags, text) => {
    expect(shortNameText(name, flags, CODE_PAGE_437)).toBe(text);
  });

  test('the upper half is code page 437; for EDK II it is Latin-1', () => {
    expect(shortNameText('\u008ePFEL   \u0081\u00e1 ', 0, CODE_PAGE_437)).toBe('ÄPFEL.üß');
    expect(shortNameText('\u00c4PFEL      ', 0, LATIN_1)).toBe('ÄPFEL');
    expect(CODE_PAGE_437).toHaveLength(128);
    expect(LATIN_1).toHaveLength(128);
  });
});
