import { describe, expect, test } from 'vitest';
import { fromRtc, fromRtcHour, toRtc, toRtcHour } from './rtc-format.ts';

/** Bits of register B (MC146818A): BINARY and 24 hours. */
const FORMATS = [0, 2, 4, 6];

describe.each(FORMATS)('numbers of the clock, register B %i', (format) => {
  test('what was written is read', () => {
    for (let value = 0; value < 100; value++) {
      expect(fromRtc(toRtc(value, format), format)).toBe(value);
    }
    for (let hour = 0; hour < 24; hour++) {
      expect(fromRtcHour(toRtcHour(hour, format), format)).toBe(hour);
    }
  });

  test('no two hours are written alike', () => {
    const bytes = Array.from({ length: 24 }, (_, hour) => toRtcHour(hour, format));
    expect(new Set(bytes).size).toBe(24);
  });
});

test('BCD digits are digits, and hours of a half day are 1 to 12', () => {
  expect(toRtc(59, 0)).toBe(0x59);
  expect(toRtcHour(0, 0)).toBe(0x12);
  expect(toRtcHour(13, 0)).toBe(0x81);
  for (const byte of [0x0a, 0xa0, 0xff]) expect(fromRtc(byte, 0)).toBeNaN();
  for (const byte of [0x00, 0x13, 0x80, 0x1f]) expect(fromRtcHour(byte, 0)).toBeNaN();
});
