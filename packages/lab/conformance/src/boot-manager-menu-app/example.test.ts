import { expect, test } from 'vitest';
import { modules } from './example.fixture.ts';

test('the example of the README has a boot manager and its menu', () => {
  expect(modules.map(({ name }) => name)).toEqual(['BdsDxe', 'BootManagerMenuApp']);
});
