import { expect, test } from 'vitest';
import { ageOf, overWire, underTrace } from './example.fixture.ts';
import { TestPlatform } from './test-platform.fixture.ts';

function createMachine(): TestPlatform {
  const machine = new TestPlatform();
  machine.storage.writeUint32(0x800, 10);
  return machine;
}

test('the example in the README: firmware finds the same on a machine, over a wire, and under a trace', () => {
  const lines: string[] = [];
  const age = ageOf(createMachine());
  expect(ageOf(overWire(createMachine()))).toBe(age);
  expect(ageOf(underTrace(createMachine(), lines))).toBe(age);
  expect(lines).toEqual(['waist_ram_read {"address":2048,"size":4,"value":10}']);
});
