import { expect, test } from 'vitest';
import { identity } from './example.fixture.ts';
import { whyNoQemu } from './test-qemu.fixture.ts';

/** Why this test is skipped; it stands in its title. */
const skip = whyNoQemu();

test.skipIf(skip !== undefined)(`the example in the README ${skip ?? ''}`, () => {
  expect(identity()).toBe(0x1044_1af4);
});
