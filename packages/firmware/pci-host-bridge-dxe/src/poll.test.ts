import { isEfiFailure } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { poll } from './poll.ts';

/** A register that says something else at each look, and how long it was waited for, in µs. */
function register(...values: readonly bigint[]) {
  const seen = { reads: 0, stalled: 0 };
  const read = () => values[Math.min(seen.reads++, values.length - 1)] ?? 0n;
  const stall = (microseconds: number) => {
    seen.stalled += microseconds;
  };
  return { seen, read, stall };
}

describe('PollMem and PollIo (UEFI §14.2)', () => {
  test('look once if the value is there', () => {
    const { seen, read, stall } = register(0x81n);
    expect(poll(read, 0x80n, 0x80n, 1000n, stall)).toBe(0x81n);
    expect(seen).toEqual({ reads: 1, stalled: 0 });
  });

  test('look again until the value comes', () => {
    const { seen, read, stall } = register(0n, 0n, 1n);
    expect(poll(read, 1n, 1n, 1000n, stall)).toBe(1n);
    expect(seen).toEqual({ reads: 3, stalled: 2 });
  });

  test('look once, and are content, with a delay of 0', () => {
    const { seen, read, stall } = register(0n);
    expect(poll(read, 1n, 1n, 0n, stall)).toBe(0n);
    expect(seen).toEqual({ reads: 1, stalled: 0 });
  });

  test('time out after the delay, in units of 100 ns, and say what was read last', () => {
    const { seen, read, stall } = register(0n, 2n);
    let caught: unknown;
    try {
      poll(read, 1n, 1n, 95n, stall);
    } catch (error) {
      caught = error;
    }
    expect(isEfiFailure(caught) ? [caught.status, caught.out] : caught).toEqual([
      'EFI_TIMEOUT',
      2n,
    ]);
    expect(seen.stalled).toBe(11);
  });
});
