import { expect, test } from 'vitest';
import { greeters, said } from './example.fixture.ts';

test('the example in the README of dxe-core does what it says', () => {
  expect(said).toEqual(['CallerDxe: Hello, handle database', 'CallerDxe: 10 ms later']);
  expect(greeters).toEqual(['GreeterDxe']);
});
