import { describe, expect, test } from 'vitest';
import { LocalRam } from './local-ram.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length);

describe('RAM in this process', () => {
  test('has its ranges in ascending order', () => {
    const ram = new LocalRam([
      { base: 0x2000, bytes: bytes(16) },
      { base: 0, bytes: bytes(16) },
    ]);
    expect(ram.ranges.map(({ base }) => base)).toEqual([0, 0x2000]);
  });

  test('refuses ranges that overlap', () => {
    const overlapping = [
      { base: 0, bytes: bytes(17) },
      { base: 16, bytes: bytes(16) },
    ];
    expect(() => new LocalRam(overlapping)).toThrow('RAM ranges overlap at 0x10');
  });

  test('finds the range that holds all of a stretch', () => {
    const ram = new LocalRam([
      { base: 0, bytes: bytes(16) },
      { base: 16, bytes: bytes(16) },
    ]);
    expect(ram.find(0, 16)).toBe(ram.ranges[0]);
    expect(ram.find(16, 16)).toBe(ram.ranges[1]);
    expect(ram.find(8, 16)).toBeUndefined();
    expect(ram.find(32, 1)).toBeUndefined();
  });

  test('may lie in the middle of a larger array, such as a WebAssembly.Memory’s', () => {
    const whole = bytes(64);
    const ram = new LocalRam([{ base: 0, bytes: whole.subarray(16, 32) }]);
    ram.writeUint32(4, 0x01020304);
    expect([...whole.subarray(20, 24)]).toEqual([4, 3, 2, 1]);
  });
});
