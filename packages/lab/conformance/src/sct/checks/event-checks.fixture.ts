import type { EfiEvent, EfiTpl, Guid } from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_MEMORY_MAP_CHANGE,
  EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
  EVT_TIMER,
  guid,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';
import type { SctWorld } from '../sct-world.fixture.ts';

const GROUP = guid('a5a5a5a5-0000-4000-8000-000000000001');
const MILLISECOND = 10_000;
/** In milliseconds: how often a timer fires within a second. */
const PERIOD = 100;

const NOTIFY_TYPES = [EVT_NOTIFY_WAIT, EVT_NOTIFY_SIGNAL] as const;
const TYPES = [
  ...NOTIFY_TYPES,
  EVT_TIMER,
  EVT_TIMER | EVT_NOTIFY_WAIT,
  EVT_TIMER | EVT_NOTIFY_SIGNAL,
] as const;
const NO_TYPES = [
  EVT_NOTIFY_WAIT | EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT | EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EVT_NOTIFY_WAIT | EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
  EVT_TIMER | EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EVT_TIMER | EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
] as const;
const NO_TPLS = [TPL_HIGH_LEVEL + 1, TPL_APPLICATION - 1, TPL_APPLICATION, -1] as const;

const nothing = (): void => {};

function eventOf({ bs }: SctWorld, type: number, notify: (event: EfiEvent) => void = nothing) {
  return bs.createEvent(type, TPL_NOTIFY, notify, null);
}

/** Each of a list of types and TPLs ends like this. */
function creating(
  types: readonly number[],
  tpls: readonly EfiTpl[],
  status: 'EFI_SUCCESS' | 'EFI_INVALID_PARAMETER',
  ex: boolean,
): Check {
  return (world) => {
    const { bs } = world;
    for (const type of types) {
      for (const tpl of tpls) {
        world.expectStatus(status, () =>
          ex
            ? bs.createEventEx(type, tpl, nothing, null)
            : bs.createEvent(type, tpl, nothing, null),
        );
      }
    }
  };
}

/** What is noted while `signal` runs: names, and the TPLs at which they were. */
function noted(world: SctWorld, signal: (note: (name: string) => () => void) => void): string[] {
  const order: string[] = [];
  signal((name) => () => void order.push(`${name}@${tplOf(world)}`));
  return order;
}

function tplOf({ bs }: SctWorld): number {
  const tpl = bs.raiseTpl(TPL_HIGH_LEVEL);
  bs.restoreTpl(tpl);
  return tpl;
}

/** Two events of a group at each of two TPLs: all are notified, those of the higher TPL first. */
function grouped(group: Guid, signal: (world: SctWorld, member: EfiEvent) => void): Check {
  return (world) => {
    const order = noted(world, (note) => {
      const { bs } = world;
      const [member] = [TPL_CALLBACK, TPL_NOTIFY, TPL_CALLBACK, TPL_NOTIFY].map((tpl) =>
        bs.createEventEx(EVT_NOTIFY_SIGNAL, tpl, note('member'), null, group),
      );
      if (member !== undefined) signal(world, member);
    });
    same(order, ['member@16', 'member@16', 'member@8', 'member@8']);
  };
}

/** How often a timer has fired after a second. */
function timer(set: (world: SctWorld, event: EfiEvent) => void, fired: number): Check {
  return (world) => {
    let times = 0;
    const event = eventOf(world, EVT_TIMER | EVT_NOTIFY_SIGNAL, () => void (times += 1));
    set(world, event);
    for (let millisecond = 0; millisecond < 1050; millisecond += 1) world.bs.stall(1000);
    same(times, fired);
  };
}

/** Event, timer and task priority services (UEFI §7.1). */
export const EVENT_CHECKS: readonly SctCheck[] = [
  ...checksOf('CreateEvent', [
    [
      'conformance 1',
      'types that are none',
      creating(NO_TYPES, [TPL_NOTIFY], 'EFI_INVALID_PARAMETER', false),
    ],
    [
      'conformance 2',
      'notification TPLs that are none',
      creating(NOTIFY_TYPES, NO_TPLS, 'EFI_INVALID_PARAMETER', false),
    ],
    ['conformance 3, 4', 'no place for the event; no notification function', 'C'],
    [
      'function 1',
      'each type at each TPL',
      creating(TYPES, [TPL_CALLBACK, TPL_NOTIFY], 'EFI_SUCCESS', false),
    ],
    [
      'function 2',
      'where nobody is notified, any TPL will do',
      creating([EVT_TIMER], NO_TPLS, 'EFI_SUCCESS', false),
    ],
    [
      'function 3',
      'higher TPLs are notified first, equal ones in order',
      (world) => {
        const order = noted(world, (note) => {
          const { bs } = world;
          const events = [TPL_CALLBACK, TPL_NOTIFY, TPL_CALLBACK, TPL_NOTIFY].map((tpl, index) =>
            bs.createEvent(EVT_NOTIFY_SIGNAL, tpl, note(`${index}`), null),
          );
          const old = bs.raiseTpl(TPL_HIGH_LEVEL);
          for (const event of events) bs.signalEvent(event);
          bs.restoreTpl(old);
        });
        same(order, ['1@16', '3@16', '0@8', '2@8']);
      },
    ],
  ]),
  ...checksOf('CreateEventEx', [
    ['conformance 1', 'no place for the event', 'C'],
    [
      'conformance 2',
      'types that are none',
      creating(NO_TYPES, [TPL_NOTIFY], 'EFI_INVALID_PARAMETER', true),
    ],
    [
      'conformance 3',
      'no notification function where one must be',
      (world) => {
        for (const type of NOTIFY_TYPES) {
          world.expectStatus('EFI_INVALID_PARAMETER', () =>
            world.bs.createEventEx(type, TPL_NOTIFY, undefined, null),
          );
        }
      },
    ],
    [
      'conformance 4',
      'notification TPLs that are none',
      creating(NOTIFY_TYPES, NO_TPLS, 'EFI_INVALID_PARAMETER', true),
    ],
    [
      'function 1',
      'the whole group is notified',
      grouped(GROUP, ({ bs }, member) => bs.signalEvent(member)),
    ],
    [
      'function 2',
      'InstallConfigurationTable signals the group of its table',
      grouped(GROUP, ({ bs }) => bs.installConfigurationTable(GROUP, {})),
    ],
    [
      'function 3',
      'a change of the memory map signals its group',
      grouped(EFI_EVENT_GROUP_MEMORY_MAP_CHANGE, ({ bs }) => {
        bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
      }),
    ],
  ]),
  ...checksOf('CloseEvent', [
    [
      'function 1',
      'events of each type',
      (world) => {
        for (const type of [EVT_TIMER, ...NOTIFY_TYPES]) world.bs.closeEvent(eventOf(world, type));
      },
    ],
  ]),
  ...checksOf('SignalEvent', [
    [
      'function 1',
      'is notified at once, below its TPL',
      (world) => {
        let times = 0;
        world.bs.signalEvent(eventOf(world, EVT_NOTIFY_SIGNAL, () => void (times += 1)));
        same(times, 1);
      },
    ],
  ]),
  ...checksOf('CheckEvent', [
    [
      'conformance 1',
      'of type EVT_NOTIFY_SIGNAL',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.checkEvent(eventOf(world, EVT_NOTIFY_SIGNAL)),
        ),
    ],
    [
      'function 1',
      'without a notification function',
      ({ bs }) => same(bs.checkEvent(bs.createEvent(EVT_TIMER)), false),
    ],
    [
      'function 2',
      'with one that does not signal',
      (world) => same(world.bs.checkEvent(eventOf(world, EVT_NOTIFY_WAIT)), false),
    ],
    [
      'function 3',
      'that is signalled',
      (world) => {
        const event = eventOf(world, EVT_NOTIFY_WAIT);
        world.bs.signalEvent(event);
        same(world.bs.checkEvent(event), true);
      },
    ],
    [
      'function 4',
      'with one that signals it',
      (world) => {
        const event = eventOf(world, EVT_NOTIFY_WAIT, (own) => world.bs.signalEvent(own));
        same(world.bs.checkEvent(event), true);
      },
    ],
  ]),
  ...checksOf('WaitForEvent', [
    [
      'conformance 1',
      'above TPL_APPLICATION',
      (world) => {
        for (const tpl of [TPL_CALLBACK, TPL_NOTIFY]) {
          const event = eventOf(world, EVT_NOTIFY_WAIT);
          const old = world.bs.raiseTpl(tpl);
          world.expectStatus('EFI_UNSUPPORTED', () => world.bs.waitForEvent([event]));
          world.bs.restoreTpl(old);
        }
      },
    ],
    [
      'conformance 2',
      'of type EVT_NOTIFY_SIGNAL',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.waitForEvent([eventOf(world, EVT_NOTIFY_SIGNAL)]),
        ),
    ],
    [
      'conformance 3',
      'no events',
      (world) => world.expectStatus('EFI_INVALID_PARAMETER', () => world.bs.waitForEvent([])),
    ],
    [
      'function 1',
      'the place of the one that is signalled',
      (world) => {
        const events = [0, 1, 2].map(() => eventOf(world, EVT_NOTIFY_WAIT));
        const [, second] = events;
        if (second !== undefined) world.bs.signalEvent(second);
        same(world.bs.waitForEvent(events), 1);
      },
    ],
    [
      'function 2',
      'a timer',
      ({ bs }) => {
        const event = bs.createEvent(EVT_TIMER);
        bs.setTimer(event, 'TimerRelative', PERIOD * MILLISECOND);
        same(bs.waitForEvent([event]), 0);
      },
    ],
  ]),
  ...checksOf('SetTimer', [
    [
      'conformance 1',
      'an event that is no timer',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.setTimer(eventOf(world, EVT_NOTIFY_SIGNAL), 'TimerRelative', 1),
        ),
    ],
    ['conformance 2', 'a kind of timer that is none', 'C'],
    [
      'function 1',
      'TimerRelative',
      timer(({ bs }, event) => bs.setTimer(event, 'TimerRelative', PERIOD * MILLISECOND), 1),
    ],
    [
      'function 2',
      'TimerPeriodic',
      timer(({ bs }, event) => bs.setTimer(event, 'TimerPeriodic', PERIOD * MILLISECOND), 10),
    ],
    [
      'function 3',
      'TimerCancel',
      timer(({ bs }, event) => {
        bs.setTimer(event, 'TimerPeriodic', PERIOD * MILLISECOND);
        bs.setTimer(event, 'TimerCancel');
      }, 0),
    ],
    [
      'function 4',
      'one kind after another: the last counts',
      timer(({ bs }, event) => {
        bs.setTimer(event, 'TimerPeriodic', PERIOD * MILLISECOND);
        bs.setTimer(event, 'TimerRelative', PERIOD * MILLISECOND);
      }, 1),
    ],
    [
      'function 5',
      'TimerRelative of 0: at the next tick',
      timer(({ bs }, event) => bs.setTimer(event, 'TimerRelative', 0), 1),
    ],
    [
      'function 6',
      'TimerPeriodic of 0: at each tick',
      (world) => {
        let times = 0;
        const event = eventOf(world, EVT_TIMER | EVT_NOTIFY_SIGNAL, () => void (times += 1));
        world.bs.setTimer(event, 'TimerPeriodic', 0);
        for (let millisecond = 0; millisecond < 100; millisecond += 1) world.bs.stall(1000);
        same(times > 1, true);
      },
    ],
  ]),
  ...checksOf('RaiseTPL', [
    [
      'function 1',
      'returns what was',
      ({ bs }) => {
        same(bs.raiseTpl(TPL_CALLBACK), TPL_APPLICATION);
        same(bs.raiseTpl(TPL_NOTIFY), TPL_CALLBACK);
        bs.restoreTpl(TPL_APPLICATION);
      },
    ],
  ]),
  ...checksOf('RestoreTPL', [
    [
      'function 1',
      'to each TPL that was',
      (world) => {
        for (const tpl of [TPL_CALLBACK, TPL_NOTIFY, TPL_HIGH_LEVEL]) {
          const old = world.bs.raiseTpl(tpl);
          same(tplOf(world), tpl);
          world.bs.restoreTpl(old);
          same(tplOf(world), TPL_APPLICATION);
        }
      },
    ],
  ]),
];
