import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { functions } from './example.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the program that is run here', () => {
  const readme = text('../../../../firmware/pci-bus-dxe/README.md');
  const [example] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(example).toBe(text('./example.fixture.ts'));
});

test('it finds what it says', () => {
  expect(functions).toEqual([
    'PciRoot(0x0)/Pci(0x0,0x0) 8086:29c0',
    'PciRoot(0x0)/Pci(0x2,0x0) 1b36:1',
    'PciRoot(0x0)/Pci(0x2,0x0)/Pci(0x0,0x0) 1234:5678',
  ]);
});
