import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ageOf, overWire, underTrace } from './example.fixture.ts';
import { TestPlatform } from './test-platform.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

function createMachine(): TestPlatform {
  const machine = new TestPlatform();
  machine.storage.writeUint32(0x800, 10);
  return machine;
}

test('the README shows the example that is tested here', () => {
  const [, example] = /```ts\n(.*?)```/s.exec(text('../README.md')) ?? [];
  expect(example).toBe(text('./example.fixture.ts').replaceAll('./index.ts', '@dxelab/platform'));
});

test('firmware finds the same on a machine, over a wire, and under a trace', () => {
  const lines: string[] = [];
  const age = ageOf(createMachine());
  expect(ageOf(overWire(createMachine()))).toBe(age);
  expect(ageOf(underTrace(createMachine(), lines))).toBe(age);
  expect(lines).toEqual(['waist_ram_read {"address":2048,"size":4,"value":10}']);
});
