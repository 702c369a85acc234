import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AnswerFile } from './answer-file.ts';

/** A file to which answers are appended as QEMU does it: at its own place, whatever becomes of the rest. */
class Answers implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'answers-'));
  readonly #path = join(this.#folder, 'answers');
  readonly file: number;
  readonly #writer: number;

  constructor() {
    writeFileSync(this.#path, '');
    this.file = openSync(this.#path, 'r+');
    this.#writer = openSync(this.#path, 'r+');
  }

  write(text: string): void {
    writeSync(this.#writer, text);
  }

  [Symbol.dispose](): void {
    closeSync(this.file);
    closeSync(this.#writer);
    rmSync(this.#folder, { recursive: true });
  }
}

test('lines are taken one by one, and only when they are whole', () => {
  using answers = new Answers();
  const lines = new AnswerFile(answers.file);
  expect(lines.take()).toBeUndefined();
  answers.write('OK 0x1\nIRQ raise 5\nOK');
  expect([lines.take(), lines.take(), lines.take()]).toEqual(['OK 0x1', 'IRQ raise 5', undefined]);
  answers.write(' 0x2\n');
  expect([lines.take(), lines.take()]).toEqual(['OK 0x2', undefined]);
});

test('long lines, more of them than fit into memory at once', () => {
  using answers = new Answers();
  const lines = new AnswerFile(answers.file);
  const long = (digit: number): string => `OK ${String(digit).repeat(65_537)}`;
  for (let round = 0; round < 10; round++) {
    for (let digit = 0; digit < 10; digit++) answers.write(`${long(digit)}\n`);
    for (let digit = 0; digit < 10; digit++) expect(lines.take()).toBe(long(digit));
    expect(lines.take()).toBeUndefined();
  }
});

test('what was taken is given back, and the next answer is still found', () => {
  using answers = new Answers();
  const lines = new AnswerFile(answers.file);
  let most = 0;
  for (let round = 0; round < 100; round++) {
    answers.write(`OK ${'x'.repeat(100_000)}\n`);
    expect(lines.take()).toHaveLength(100_003);
    lines.shorten();
    most = Math.max(most, fstatSync(answers.file).blocks * 512);
  }
  expect(most).toBeLessThan(2 ** 21);
});
