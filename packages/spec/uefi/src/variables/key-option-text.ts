import type { HotKey, HotKeyModifier, KeyOption } from '../load-option/key-option.ts';
import { loadOptionName, readLoadOptionName } from '../load-option/load-option-name.ts';
import {
  CHAR_BACKSPACE,
  CHAR_CARRIAGE_RETURN,
  CHAR_TAB,
  SCAN_DELETE,
  SCAN_DOWN,
  SCAN_END,
  SCAN_ESC,
  SCAN_F1,
  SCAN_HOME,
  SCAN_INSERT,
  SCAN_LEFT,
  SCAN_NULL,
  SCAN_PAGE_DOWN,
  SCAN_PAGE_UP,
  SCAN_RIGHT,
  SCAN_UP,
} from '../protocols/simple-text-input.ts';

const MODIFIERS: readonly HotKeyModifier[] = ['shift', 'control', 'alt', 'logo', 'menu', 'sysReq'];

/** What stands on a key, its scan code, and its character. */
const KEYS: readonly (readonly [name: string, scanCode: number, unicodeChar: number])[] = [
  ['Up', SCAN_UP, 0],
  ['Down', SCAN_DOWN, 0],
  ['Left', SCAN_LEFT, 0],
  ['Right', SCAN_RIGHT, 0],
  ['Home', SCAN_HOME, 0],
  ['End', SCAN_END, 0],
  ['Insert', SCAN_INSERT, 0],
  ['Delete', SCAN_DELETE, 0],
  ['PageUp', SCAN_PAGE_UP, 0],
  ['PageDown', SCAN_PAGE_DOWN, 0],
  ['Esc', SCAN_ESC, 0],
  ...Array.from({ length: 12 }, (_, index) => [`F${index + 1}`, SCAN_F1 + index, 0] as const),
  ['Enter', SCAN_NULL, CHAR_CARRIAGE_RETURN],
  ['Tab', SCAN_NULL, CHAR_TAB],
  ['Backspace', SCAN_NULL, CHAR_BACKSPACE],
  ['Space', SCAN_NULL, 0x20],
];

/** `Boot001F by shift+F9 "a"`: names of keys, characters in quotes, and scan codes that have no name. */
export function convertKeyOptionToText({ bootOption, keys, modifiers }: KeyOption): string {
  const held = modifiers.map((each) => `${each}+`).join('');
  return `${loadOptionName('Boot', bootOption)} by ${held}${keys.map(keyText).join(' ')}`;
}

/**
 * A key option from its text. Its CRC-32 is 0: `sealKeyOption` writes that of the boot option.
 * @returns `undefined` for another text
 */
export function convertTextToKeyOption(text: string): KeyOption | undefined {
  const parts = /^(Boot[0-9A-F]{4})\s+by\s+((?:\w+\+)*)(\S.*)$/u.exec(text.trim());
  const [, boot = '', held = '', pressed = ''] = parts ?? [];
  const option = readLoadOptionName(boot);
  const names = held.split('+').slice(0, -1);
  const modifiers = MODIFIERS.filter((name) => names.includes(name));
  const keys = pressed.split(/\s+/u).map(readKey);
  const known = keys.filter((key) => key !== undefined);
  const isWhole = known.length === keys.length && modifiers.length === names.length;
  if (option === undefined || !isWhole || keys.length > 3) return undefined;
  return { revision: 0, modifiers, bootOptionCrc: 0, bootOption: option.number, keys: known };
}

function keyText({ scanCode, unicodeChar }: HotKey): string {
  const [name] = KEYS.find(([, ...key]) => key[0] === scanCode && key[1] === unicodeChar) ?? [];
  if (name !== undefined) return name;
  return unicodeChar === 0
    ? `0x${scanCode.toString(16).padStart(4, '0')}`
    : JSON.stringify(String.fromCharCode(unicodeChar));
}

function readKey(text: string): HotKey | undefined {
  const [, scanCode, unicodeChar] = KEYS.find(([name]) => name === text) ?? [];
  if (scanCode !== undefined && unicodeChar !== undefined) return { scanCode, unicodeChar };
  const [, character] = /^"(.)"$/su.exec(text) ?? [];
  if (character?.length === 1) return { scanCode: 0, unicodeChar: character.charCodeAt(0) };
  return /^0x[0-9a-f]{1,4}$/iu.test(text) ? { scanCode: Number(text), unicodeChar: 0 } : undefined;
}
