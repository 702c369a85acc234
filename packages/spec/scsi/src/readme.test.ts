import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mustRetry } from './example.fixture.ts';
import { fixedScsiSense } from './index.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('the README', () => {
  test('shows the example that is tested here', () => {
    const [example] = /(?<=```ts\n).*?(?=```)/s.exec(text('../README.md')) ?? [];
    expect(example).toBe(text('./example.fixture.ts').replace('./index.ts', '@dxelab/scsi'));
  });

  test('its example sends a command again after a reset, and not after an error', () => {
    const lines: string[] = [];
    const log = (line: string): void => void lines.push(line);
    expect(mustRetry(fixedScsiSense(6, 0x2900), log)).toBe(true);
    expect(mustRetry(fixedScsiSense(3, 0x1100, 7), log)).toBe(false);
    expect(mustRetry(new Uint8Array(18), log)).toBe(false);
    expect(lines).toEqual([
      'UNIT ATTENTION, POWER ON, RESET, OR BUS DEVICE RESET OCCURRED (6/29/00)',
      'MEDIUM ERROR, UNRECOVERED READ ERROR (3/11/00), information 7',
    ]);
  });
});
