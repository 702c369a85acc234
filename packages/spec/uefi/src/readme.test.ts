import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { problem, same, text } from './example.fixture.ts';

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the program that is run here', () => {
  const [example] = [...file('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(example).toBe(file('./example.fixture.ts').replace('./index.ts', '@dxelab/uefi'));
});

test('it does what it says', () => {
  expect(text).toBe('PciRoot(0x0)/Pci(0x2,0x0)/\\EFI\\BOOT\\BOOTX64.EFI');
  expect(same).toBe(true);
  expect(problem).toContain('expected the signature "EFI PART"');
});
