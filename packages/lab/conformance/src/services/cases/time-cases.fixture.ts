import type { EfiTime } from '@dxelab/uefi';
import type { ServicesWorld } from '../services-world.fixture.ts';
import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

/** Half an hour after the clock of the machine begins. */
const SOON: EfiTime = {
  year: 2026,
  month: 1,
  day: 1,
  hour: 0,
  minute: 30,
  second: 0,
  nanosecond: 0,
  timeZone: undefined,
  daylight: 0,
};
const NEVER: EfiTime = { ...SOON, month: 2, day: 30 };
const TOMORROW_WEEK: EfiTime = { ...SOON, day: 8 };

type Use = (world: ServicesWorld) => unknown;

/** What is true of each time service. */
function clockCases(use: Use): readonly Omit<StatusCase, 'service'>[] {
  return [
    {
      status: 'EFI_SUCCESS',
      how: 'a clock that works',
      provoke: (world) => {
        world.core.dispatch();
        use(world);
      },
    },
    {
      status: 'EFI_DEVICE_ERROR',
      how: 'a clock whose battery has failed',
      clock: 'dead',
      provoke: (world) => {
        world.core.dispatch();
        use(world);
      },
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'a machine without a clock',
      profile: 'specification',
      clock: 'absent',
      provoke: (world) => {
        world.core.dispatch();
        use(world);
      },
    },
  ];
}

function dispatched(
  how: string,
  status: StatusCase['status'],
  use: Use,
): Omit<StatusCase, 'service'> {
  const provoke: Use = (world) => {
    world.core.dispatch();
    use(world);
  };
  return { status, how, provoke };
}

/** Time services (UEFI §8.3). */
export const TIME_CASES: readonly StatusCase[] = [
  ...casesOf(
    'GetTime',
    clockCases(({ rt }) => rt.getTime()),
  ),
  ...casesOf('SetTime', [
    ...clockCases(({ rt }) => rt.setTime(SOON)),
    dispatched('30 February', 'EFI_INVALID_PARAMETER', ({ rt }) => rt.setTime(NEVER)),
  ]),
  ...casesOf(
    'GetWakeupTime',
    clockCases(({ rt }) => rt.getWakeupTime()),
  ),
  ...casesOf('SetWakeupTime', [
    ...clockCases(({ rt }) => rt.setWakeupTime(true, SOON)),
    dispatched('30 February', 'EFI_INVALID_PARAMETER', ({ rt }) => rt.setWakeupTime(true, NEVER)),
    dispatched('to be enabled for no time', 'EFI_INVALID_PARAMETER', ({ rt }) =>
      rt.setWakeupTime(true),
    ),
    dispatched('a time that is not within a day', 'EFI_UNSUPPORTED', ({ rt }) =>
      rt.setWakeupTime(true, TOMORROW_WEEK),
    ),
  ]),
];

export const TIME_UNPROVOKED: readonly UnprovokedStatus[] = [
  { service: 'GetTime', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'GetWakeupTime', status: 'EFI_INVALID_PARAMETER', why: 'C' },
];
