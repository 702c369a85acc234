import { expect, test } from 'vitest';
import { console as sent, findings, hang, ticks } from './example.fixture.ts';

test('the example in the README does what its comments say', () => {
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
