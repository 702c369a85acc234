import { describe, expect, test } from 'vitest';
import { parseDuration } from './duration.ts';
import { parseSize } from './size.ts';
import { parseTextPattern } from './text-pattern.ts';

describe('sizes', () => {
  test.each([
    [0, 0],
    [512, 512],
    ['1 B', 1],
    ['4KiB', 4096],
    ['1.5 MiB', 1_572_864],
    ['2 TiB', 2 ** 41],
    ['1.0001 KiB', undefined],
    ['8192 TiB', undefined],
    [-1, undefined],
    [0.5, undefined],
    ['1 MB', undefined],
    ['1', undefined],
    ['', undefined],
    ['-1 KiB', undefined],
  ])('%j is %j bytes', (size, bytes) => {
    expect(parseSize(size)).toBe(bytes);
  });
});

describe('durations', () => {
  test.each([
    ['7 ns', 7],
    ['2.5us', 2500],
    ['10 ms', 1e7],
    ['1 s', 1e9],
    ['10 min', 600e9],
    ['1 h', undefined],
    ['10', undefined],
    ['99999999999 min', undefined],
  ])('%j is %j ns', (duration, nanoseconds) => {
    expect(parseDuration(duration)).toBe(nanoseconds);
  });
});

describe('text patterns', () => {
  test.each([
    ['ell', true],
    ['a.b', false],
    ['/h.l+o/', true],
    ['/HELLO/', false],
    ['/HELLO/i', true],
    [/hello/g, true],
    ['/', false],
  ])('%j in "hello": %j', (pattern, found) => {
    const parsed = parseTextPattern(pattern);
    expect([parsed.matches('hello'), parsed.matches('hello')]).toEqual([found, found]);
  });
});
