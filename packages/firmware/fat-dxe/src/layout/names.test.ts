import { describe, expect, test } from 'vitest';
import { cleanName, isLegalName } from './name-rules.ts';

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
