import type { EfiRuntimeServices, EfiTime } from '@dxelab/uefi';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';

/** Fields that make a time none. */
const NO_TIMES: readonly (readonly [string, Partial<EfiTime>])[] = [
  ['year 1899', { year: 1899 }],
  ['year 10000', { year: 10000 }],
  ['year -1', { year: 0xffff }],
  ['month 0', { month: 0 }],
  ['month 13', { month: 13 }],
  ['month -1', { month: 0xff }],
  ['day 0', { day: 0 }],
  ['day 32', { day: 32 }],
  ['day -1', { day: 0xff }],
  ['31 April', { month: 4, day: 31 }],
  ['hour 24', { hour: 24 }],
  ['hour -1', { hour: 0xff }],
  ['minute 60', { minute: 60 }],
  ['minute -1', { minute: 0xff }],
  ['second 60', { second: 60 }],
  ['second -1', { second: 0xff }],
  ['nanosecond 1000000000', { nanosecond: 1_000_000_000 }],
  ['nanosecond -1', { nanosecond: 0xffffffff }],
  ['time zone -1441', { timeZone: -1441 }],
  ['time zone 1441', { timeZone: 1441 }],
  ['29 February 2001', { year: 2001, month: 2, day: 29 }],
];

/** With a clock that runs. */
function running(check: (rt: EfiRuntimeServices) => void): Check {
  return ({ core, rt }) => {
    core.dispatch();
    check(rt);
  };
}

function refuses(set: (rt: EfiRuntimeServices, time: EfiTime) => void) {
  return NO_TIMES.map(
    ([what, fields], index) =>
      [
        `conformance ${index + 1}`,
        what,
        (world: Parameters<Check>[0]) => {
          world.core.dispatch();
          const { time } = world.rt.getTime();
          world.expectStatus('EFI_INVALID_PARAMETER', () => set(world.rt, { ...time, ...fields }));
        },
      ] as const,
  );
}

/** A field is changed, and read again. */
function changes(fields: Partial<EfiTime>): Check {
  return running((rt) => {
    rt.setTime({ ...rt.getTime().time, ...fields });
    same({ ...rt.getTime().time, ...fields }, rt.getTime().time);
  });
}

/** Time services (UEFI §8.3). */
export const TIME_CHECKS: readonly SctCheck[] = [
  ...checksOf('GetTime', [
    ['conformance 1', 'no place for the time', 'C'],
    [
      'function 1, 2',
      'a time whose fields are within their bounds',
      running((rt) => {
        const { time } = rt.getTime();
        const { year, month, day, hour, minute, second, nanosecond } = time;
        same(year >= 1900 && year <= 9999 && month >= 1 && month <= 12, true);
        same(day >= 1 && day <= 31 && hour <= 23 && minute <= 59, true);
        same(second <= 59 && nanosecond < 1_000_000_000, true);
      }),
    ],
  ]),
  ...checksOf('SetTime', [
    ...refuses((rt, time) => rt.setTime(time)),
    ['function 1', 'another year', changes({ year: 2016 })],
    ['function 2', 'another month', changes({ month: 12 })],
    ['function 3', 'daylight saving', changes({ daylight: 3 })],
    ['function 4', 'another time zone', changes({ timeZone: 1 })],
  ]),
  ...checksOf('GetWakeupTime', [
    ['conformance 1 to 3', 'no place for an answer', 'C'],
    [
      'function 1',
      'says whether it is enabled',
      running((rt) => same(rt.getWakeupTime().enabled, false)),
    ],
  ]),
  ...checksOf('SetWakeupTime', [
    ...refuses((rt, time) => rt.setWakeupTime(true, time)),
    [
      'function 1',
      'is enabled, at the time that was set, and not pending',
      running((rt) => {
        const { time } = rt.getTime();
        const soon = { ...time, hour: time.hour + 1, nanosecond: 0 };
        rt.setWakeupTime(true, soon);
        same(rt.getWakeupTime(), { enabled: true, pending: false, time: soon });
      }),
    ],
    [
      'function 2',
      'is disabled',
      running((rt) => {
        const { time } = rt.getTime();
        rt.setWakeupTime(true, { ...time, hour: time.hour + 1 });
        rt.setWakeupTime(false);
        same(rt.getWakeupTime().enabled, false);
      }),
    ],
  ]),
];
