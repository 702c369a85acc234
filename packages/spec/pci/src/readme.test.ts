import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { address, vendorSpecific } from './example.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the program that is run here', () => {
  const [example] = [...text('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(example).toBe(text('./example.fixture.ts').replace('./index.ts', '@dxelab/pci'));
});

test('it finds what it says', () => {
  expect(vendorSpecific).toEqual([{ domain: 'normal', id: 9, offset: 0x40, sizeHint: 0x10 }]);
  expect(address).toBe(0x100_00020000);
});
