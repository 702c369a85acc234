import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CHECKS } from './all-checks.fixture.ts';
import { checksPage } from './checks-page.fixture.ts';
import { SctWorld } from './sct-world.fixture.ts';

const SERVICES = [...new Set(CHECKS.map(({ service }) => service))];

/** Those that can be asked. */
function asked(service: string) {
  return CHECKS.flatMap(({ service: of, number, what, check }) =>
    of === service && typeof check !== 'string' ? [[number, what, check] as const] : [],
  );
}

describe.each(PROFILES)('the checks of the UEFI SCT (%s)', (profile) => {
  describe.each(SERVICES)('%s', (service) => {
    test.each(asked(service))('%s: %s', (_number, _what, check) => {
      expect(() => check(new SctWorld(profile))).not.toThrow();
    });
  });
});

test('docs/sct.md is what the tables say', async () => {
  await expect(checksPage()).toMatchFileSnapshot('../../../../../docs/sct.md');
});
