import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { partitions } from './example.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the program that is run here', () => {
  const readme = text('../../../../firmware/partition-dxe/README.md');
  const [example] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(example).toBe(text('./example.fixture.ts'));
});

test('it finds what it says', () => {
  expect(partitions).toEqual(['PciRoot(0x0)/Pci(0x2,0x0)/HD(1,MBR,0x00000000,0x40,0x400)']);
});
