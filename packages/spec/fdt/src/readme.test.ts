import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { found } from './example.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the program that is run here', () => {
  const [example] = [...text('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(example).toBe(text('./example.fixture.ts').replaceAll('./index.ts', '@dxelab/fdt'));
});

test('it finds what it says', () => {
  expect(found).toEqual(['/virtio_mmio@a003e00 at 0xa003e00']);
});
