import { expect, test } from 'vitest';
import { readWork, workNote, writeWork } from './work-note.ts';

test('the note of who is at work is the last, and cut off where it ends', () => {
  const note = workNote();
  expect(readWork(note)).toBeUndefined();
  writeWork(note, 'Start() of Größe on handle 7');
  writeWork(note, 'the entry point of Groß');
  expect(readWork(note)).toBe('the entry point of Groß');
  writeWork(note, undefined);
  expect(readWork(note)).toBeUndefined();
  writeWork(note, 'x'.repeat(1000));
  expect(readWork(note)).toBe('x'.repeat(512));
});
