import { expect, test } from 'vitest';

test('the example of the README updates what it knows', async () => {
  const { logos, maximumCapsuleSize, resetType } = await import('./example.fixture.ts');
  expect(logos.map(({ capsuleImageSize }) => capsuleImageSize)).toEqual([4096]);
  expect([maximumCapsuleSize, resetType]).toEqual([0xa0_0000, 'EfiResetCold']);
});
