import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { console as sent, findings, hang, ticks } from './example.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the example that is tested here', () => {
  const [, example] = /```ts\n(.*?)```/s.exec(text('../README.md')) ?? [];
  const fixture = text('./example.fixture.ts').replaceAll('./index.ts', '@dxelab/emulated-machine');
  expect(example).toBe(fixture);
});

test('the example does what its comments say', () => {
  expect(sent).toEqual([0x41]);
  expect(findings).toEqual(['mmio read at 0xfe001000 is answered by nobody']);
  expect(ticks.map((tick) => Math.floor(tick / 10e6))).toEqual([1, 2, 3]);
  expect(hang).toThrow(
    expect.objectContaining({
      kind: 'budget-spent',
      message: 'the boot has spent its budget of 1000 accesses to the hardware',
      details: expect.objectContaining({ report: expect.stringMatching(/^counter: 9\d\d reads$/) }),
    }),
  );
});
