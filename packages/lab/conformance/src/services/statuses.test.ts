import type { EfiStatus } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CASES, UNPROVOKED } from './all-cases.fixture.ts';
import { DOCUMENTED } from './documented.fixture.ts';
import { ServicesWorld } from './services-world.fixture.ts';
import type { StatusCase } from './status-case.fixture.ts';
import { statusesPage } from './statuses-page.fixture.ts';

/** What came of it: a failure's status, or the one that is returned as an answer. */
function statusOf(profile: Profile, { provoke, clock, modules }: StatusCase): EfiStatus {
  try {
    const answer = provoke(new ServicesWorld(profile, clock, modules));
    return answer === 'EFI_NOT_READY' || answer === 'EFI_NOT_FOUND' ? answer : 'EFI_SUCCESS';
  } catch (caught) {
    if (isEfiFailure(caught)) return caught.status;
    throw caught;
  }
}

describe.each(
  DOCUMENTED.map((one) => [one.service, `${one.specification} §${one.section}`, one] as const),
)('%s (%s)', (service, _section, { statuses }) => {
  const cases = CASES.filter((one) => one.service === service);
  const unprovoked = UNPROVOKED.filter((one) => one.service === service);

  for (const one of cases) {
    const profiles = PROFILES.filter((profile) => (one.profile ?? profile) === profile);
    test.each(profiles)(`${one.status}: ${one.how} (%s)`, (profile) => {
      expect(statusOf(profile, one)).toBe(one.status);
    });
  }

  test('each documented status has a case, or a reason why it cannot come', () => {
    const listed = [...cases, ...unprovoked].map(({ status }) => status);
    expect(new Set(listed)).toEqual(new Set(statuses));
    const both = unprovoked.filter(({ status }) => cases.some((one) => one.status === status));
    expect(both).toEqual([]);
  });
});

test('every case is of a documented service', () => {
  const services = new Set(DOCUMENTED.map(({ service }) => service));
  const strange = [...CASES, ...UNPROVOKED].filter(({ service }) => !services.has(service));
  expect(strange).toEqual([]);
});

test('docs/services.md is what the table says', async () => {
  await expect(statusesPage()).toMatchFileSnapshot('../../../../../docs/services.md');
});
