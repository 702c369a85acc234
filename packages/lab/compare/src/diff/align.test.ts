import { expect, test } from 'vitest';
import type { RecordedEvent } from '../recording/recording.ts';
import { align } from './align.ts';

/** Events that differ only in their subjects, one for each letter. */
function events(subjects: string): readonly RecordedEvent[] {
  return Array.from(subjects, (subject) => ({ kind: 'call', name: subject, subject, facts: [] }));
}

function aligned(first: string, second: string): string {
  return align([events(first), events(second)])
    .map(([left, right]) => `${left?.subject ?? '-'}${right?.subject ?? '-'}`)
    .join(' ');
}

test.each([
  ['', '', ''],
  ['abc', 'abc', 'aa bb cc'],
  ['abc', 'abxc', 'aa bb -x cc'],
  ['abxc', 'abc', 'aa bb x- cc'],
  ['', 'ab', '-a -b'],
  ['abab', 'ab', 'aa bb a- b-'],
])('%j beside %j is %j', (first, second, rows) => {
  expect(aligned(first, second)).toBe(rows);
});

test('what is not alike at all is laid one behind the other, in time', () => {
  const [first, second] = ['a'.repeat(3000), 'b'.repeat(3000)];
  const rows = align([events(first), events(second)]);
  expect(rows).toHaveLength(6000);
  expect([rows[0]?.[1], rows[5999]?.[0]]).toEqual([undefined, undefined]);
});

test('a long recording is aligned but for what differs', () => {
  const first = 'ab'.repeat(20_000);
  const second = `${first.slice(0, 10_000)}x${first.slice(10_000)}`;
  const lonely = align([events(first), events(second)]).filter(
    ([left, right]) => left === undefined || right === undefined,
  );
  expect(lonely).toHaveLength(1);
});
