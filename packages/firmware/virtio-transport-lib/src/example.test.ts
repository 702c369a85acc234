import { expect, test } from 'vitest';
import { TinyTransport } from './example.fixture.ts';

test('the example waits for resets, and refuses features that it cannot carry', () => {
  const pauses: number[] = [];
  const transport = new TinyTransport({
    stall: (microseconds) => void pauses.push(microseconds),
  });
  transport.setDeviceStatus(3);
  expect(transport.getDeviceStatus()).toBe(3);
  transport.setDeviceStatus(0);
  expect(pauses).toEqual([]);
  transport.setGuestFeatures(5n);
  expect(transport.registers).toEqual([0, 5, 0]);
  expect(() => transport.setGuestFeatures(2n ** 32n)).toThrow('EFI_UNSUPPORTED');
  expect(transport.readDevice64()).toBe(0n);
});
