import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceFile } from './replace-file.ts';

describe('replaceFile', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('makes a file, replaces it, and leaves nothing else behind', () => {
    replaceFile(path('a'), bytes('one'));
    replaceFile(path('a'), bytes('two'));
    expect(readFileSync(path('a'), 'utf8')).toBe('two');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('puts a new file in the place of the old one, so that no reader sees half of it', () => {
    writeFileSync(path('a'), 'one');
    const { ino } = statSync(path('a'));
    replaceFile(path('a'), bytes('two'));
    expect(statSync(path('a')).ino).not.toBe(ino);
  });

  test('permissions stay', () => {
    writeFileSync(path('a'), 'one');
    chmodSync(path('a'), 0o600);
    replaceFile(path('a'), bytes('two'));
    expect(statSync(path('a')).mode & 0o777).toBe(0o600);
  });

  test('a link stays a link', () => {
    writeFileSync(path('a'), 'one');
    symlinkSync('a', path('link'));
    replaceFile(path('link'), bytes('two'));
    expect(lstatSync(path('link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path('a'), 'utf8')).toBe('two');
  });

  test('what cannot be replaced is named, and nothing is left behind', () => {
    expect(() => replaceFile(path('missing/a'), bytes('one'))).toThrow(
      `${path('missing/a')}: there is no such folder`,
    );
    mkdirSync(path('a'));
    expect(() => replaceFile(path('a'), bytes('one'))).toThrow(path('a'));
    expect(readdirSync(folder)).toEqual(['a']);
  });
});
