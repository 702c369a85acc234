import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytes } from './example.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the program that is run here', () => {
  const readme = text('../../../../firmware/disk-io-dxe/README.md');
  const [example] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(example).toBe(text('./example.fixture.ts'));
});

test('it reads what it says', () => {
  expect([...bytes]).toEqual([0, 0, 1, 1]);
});
