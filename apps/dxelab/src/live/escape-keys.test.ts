import { describe, expect, test } from 'vitest';
import { EscapeKeys } from './escape-keys.ts';

/** What comes of these keys, those that are not complete left out. */
function pressed(text: string): readonly (string | number)[] {
  const keys = new EscapeKeys();
  return Array.from(text, (key) => keys.press(key.charCodeAt(0))).filter(
    (what) => what !== undefined,
  );
}

describe('the keys of a live console', () => {
  test('are typed as they are', () => {
    expect(pressed('x\r\u001B')).toEqual([0x78, 0x0d, 0x1b]);
  });

  test('Ctrl-C ends the boot', () => {
    expect(pressed('a\u0003')).toEqual([0x61, 'end']);
  });

  test('Ctrl-A x switches off, in any case of the letter; x alone is typed', () => {
    expect(pressed('\u0001x\u0001Xx')).toEqual(['switch-off', 'switch-off', 0x78]);
  });

  test('Ctrl-A twice is Ctrl-A, and with c it is Ctrl-C', () => {
    expect(pressed('\u0001\u0001\u0001a\u0001c\u0001\u0003')).toEqual([1, 1, 3, 3]);
  });

  test('what means nothing behind Ctrl-A is dropped, and the next key typed', () => {
    expect(pressed('\u0001zz')).toEqual([0x7a]);
  });
});
