import { describe, expect, test } from 'vitest';
import { foldLatin1, foldUnicode } from './name-fold.ts';
import { cleanName, isLegalName } from './name-rules.ts';

describe('which names differ', () => {
  test.each([
    ['readme.TXT', 'README.txt'],
    ['ÄÖÜ', 'äöü'],
    ['Ελληνικά', 'ΕΛΛΗΝΙΚΆ'],
    ['Кириллица', 'КИРИЛЛИЦА'],
  ])('"%s" is "%s"', (one, other) => {
    expect(foldUnicode(one)).toBe(foldUnicode(other));
  });

  test.each([
    ['straße', 'STRASSE'],
    ['ı', 'i'],
    ['ſ', 's'],
    ['日', '本'],
  ])('"%s" is not "%s"', (one, other) => {
    expect(foldUnicode(one)).not.toBe(foldUnicode(other));
  });

  test('EDK II knows the letters of Latin-1 only', () => {
    expect(foldLatin1('`az{ àþÿ')).toBe('`AZ{ ÀÞÿ');
    expect(foldLatin1('÷')).toBe('÷');
    expect(foldLatin1('Ω')).not.toBe(foldLatin1('ω'));
  });
});

describe('names of components (FileName.c: FatFileNameIsValid)', () => {
  test.each([
    ['  name', 'name'],
    ['name. . ', 'name'],
    ['.name', '.name'],
    ['a b', 'a b'],
  ])('"%s" means "%s"', (component, name) => {
    expect(cleanName(component)).toBe(name);
  });

  test.each([
    '',
    ' ',
    '...',
    'a/b',
    'a:b',
    'a*',
    'a?',
    '"a',
    '<a',
    'a>',
    'a|b',
    'tab\t',
    'x'.repeat(256),
  ])('"%s" is no name', (component) => {
    expect(cleanName(component)).toBeUndefined();
  });

  test('255 units are allowed', () => {
    expect(isLegalName('x'.repeat(255))).toBe(true);
  });
});
