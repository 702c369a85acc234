import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { firstRead } from './example.fixture.ts';
import { withoutAddresses } from './without-addresses.fixture.ts';

const README = new URL('../../../ring/README.md', import.meta.url);

test('the example of the README draws what the README shows', async () => {
  const [, shown = ''] = /^```text\n(.*?)^```$/msu.exec(readFileSync(README, 'utf8')) ?? [];
  expect(withoutAddresses(await firstRead())).toBe(withoutAddresses(shown));
});
