import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { identity, seen } from './example.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the program that is run here', () => {
  const readme = text('../../../../firmware/pci-host-bridge-dxe/README.md');
  const [example] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(example).toBe(text('./example.fixture.ts'));
});

test('it reads what it says', () => {
  expect([identity, seen]).toEqual([0x29c08086, 2]);
});
