import { isTerminalSignal } from '@dxelab/platform';
import type { EfiEvent } from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_EXIT_BOOT_SERVICES,
  EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE,
  EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
  EVT_TIMER,
  EfiError,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
  guid,
  isEfiFailure,
} from '@dxelab/uefi';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import type { Profile } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { ModuleDebug } from '../misc/module-debug.ts';
import { TestPlatform } from '../test-platform.fixture.ts';
import { EventServices } from './event-services.ts';

const GROUP = guid('12345678-1234-1234-1234-123456789abc');

function world(profile: Profile = 'specification') {
  const platform = new TestPlatform();
  const debug = new ModuleDebug(platform, 'DxeCore', undefined);
  const events = new EventServices(platform, debug, new Quirks(profile));
  const log: string[] = [];
  /** An event that logs its name, and the TPL if it is not its own, when it is notified. */
  const noting = (name: string, tpl = TPL_CALLBACK, type = EVT_NOTIFY_SIGNAL) =>
    events.createEvent(type, tpl, () => log.push(`${name}@${events.currentTpl}`), null);
  return { platform, events, log, noting };
}

const errorOf = (body: () => unknown): EfiError | undefined => {
  try {
    body();
  } catch (caught) {
    if (isEfiFailure(caught)) return caught;
    throw caught;
  }
  return undefined;
};

const statusOf = (body: () => unknown): string => errorOf(body)?.status ?? 'EFI_SUCCESS';

const endOf = (body: () => unknown): string => {
  try {
    body();
  } catch (caught) {
    if (isTerminalSignal(caught)) return caught.kind;
    throw caught;
  }
  return 'alive';
};

describe('RaiseTPL and RestoreTPL (UEFI §7.1.8, §7.1.9)', () => {
  test('raising returns the old level, restoring goes back', () => {
    const { events } = world();
    expect(events.raiseTpl(TPL_NOTIFY)).toBe(TPL_APPLICATION);
    expect(events.raiseTpl(TPL_NOTIFY)).toBe(TPL_NOTIFY);
    events.restoreTpl(TPL_CALLBACK);
    expect(events.currentTpl).toBe(TPL_CALLBACK);
  });

  test('interrupts are disabled exactly at TPL_HIGH_LEVEL', () => {
    const { events, platform } = world();
    expect(platform.interrupts).toBe(true);
    events.raiseTpl(30);
    expect(platform.interrupts).toBe(true);
    events.raiseTpl(TPL_HIGH_LEVEL);
    expect(platform.interrupts).toBe(false);
    events.raiseTpl(TPL_HIGH_LEVEL);
    events.restoreTpl(TPL_HIGH_LEVEL);
    expect(platform.interrupts).toBe(false);
    events.restoreTpl(30);
    expect(platform.interrupts).toBe(true);
  });

  test.each([
    ['raising to a lower level', (events: EventServices) => events.raiseTpl(TPL_APPLICATION)],
    ['restoring a higher level', (events: EventServices) => events.restoreTpl(TPL_NOTIFY)],
    ['a level above 31', (events: EventServices) => events.raiseTpl(32)],
  ])('%s fails an ASSERT and ends the world', (_, wrong) => {
    const { events, platform } = world();
    events.raiseTpl(TPL_CALLBACK);
    expect(endOf(() => wrong(events))).toBe('asserted');
    expect(endOf(() => platform.ram.readUint8(0))).toBe('asserted');
  });

  test('what waits runs at its own level, highest first, first-in first-out within one', () => {
    const { events, log, noting } = world();
    const [a, b, c] = [noting('a'), noting('b', TPL_NOTIFY), noting('c')];
    const oldTpl = events.raiseTpl(TPL_HIGH_LEVEL);
    for (const event of [a, b, c]) events.signalEvent(event);
    expect(log).toEqual([]);
    events.restoreTpl(TPL_CALLBACK);
    expect(log).toEqual(['b@16']);
    events.restoreTpl(oldTpl);
    expect(log).toEqual(['b@16', 'a@8', 'c@8']);
    expect(events.currentTpl).toBe(TPL_APPLICATION);
  });

  test('interrupts are enabled while notifications of a section at TPL_HIGH_LEVEL run', () => {
    const { events, platform } = world();
    const seen: boolean[] = [];
    const event = events.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_NOTIFY,
      () => seen.push(platform.interrupts),
      null,
    );
    events.raiseTpl(TPL_HIGH_LEVEL);
    events.signalEvent(event);
    events.restoreTpl(TPL_APPLICATION);
    expect(seen).toEqual([true]);
  });
});

describe('CreateEvent and CreateEventEx (UEFI §7.1.1, §7.1.2)', () => {
  const notify = (): void => {};

  test.each([
    0,
    EVT_TIMER,
    EVT_NOTIFY_WAIT,
    EVT_NOTIFY_SIGNAL,
    EVT_TIMER + EVT_NOTIFY_WAIT,
    EVT_TIMER + EVT_NOTIFY_SIGNAL,
    EVT_TIMER | EVT_NOTIFY_SIGNAL,
    EVT_SIGNAL_EXIT_BOOT_SERVICES,
    EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE,
  ])('accepts type 0x%i', (type) => {
    expect(() => world().events.createEvent(type, TPL_CALLBACK, notify, null)).not.toThrow();
  });

  test.each([
    EVT_NOTIFY_WAIT + EVT_NOTIFY_SIGNAL,
    0x40000000,
    0x20000000,
    0x202,
    1,
    EVT_SIGNAL_EXIT_BOOT_SERVICES + EVT_TIMER,
  ])('refuses type 0x%i', (type) => {
    const { events } = world();
    expect(statusOf(() => events.createEvent(type, TPL_CALLBACK, notify, null))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test.each([TPL_APPLICATION, TPL_HIGH_LEVEL, 0, 9, 17, 30])(
    'refuses the notification TPL %i',
    (tpl) => {
      const { events } = world();
      expect(statusOf(() => events.createEvent(EVT_NOTIFY_SIGNAL, tpl, notify, null))).toBe(
        'EFI_INVALID_PARAMETER',
      );
    },
  );

  test('without a notification bit TPL and function are not looked at', () => {
    const { events } = world();
    expect(() => events.createEvent(EVT_TIMER, 99, undefined, null)).not.toThrow();
  });

  test('a notification bit needs a function', () => {
    const { events } = world();
    const without = () => events.createEvent(EVT_NOTIFY_WAIT, TPL_CALLBACK, undefined, null);
    expect(statusOf(without)).toBe('EFI_INVALID_PARAMETER');
  });

  test.each([EVT_SIGNAL_EXIT_BOOT_SERVICES, EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE])(
    'type 0x%i is a group of its own, and takes no other',
    (type) => {
      const { events } = world();
      expect(statusOf(() => events.createEvent(type, TPL_CALLBACK, notify, null, GROUP))).toBe(
        'EFI_INVALID_PARAMETER',
      );
    },
  );

  test.each([EFI_EVENT_GROUP_EXIT_BOOT_SERVICES, EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE])(
    'group %s turns any type into one with a notification',
    (group) => {
      const { events } = world();
      const plain = () => events.createEvent(0, TPL_CALLBACK, undefined, null, group);
      expect(statusOf(plain)).toBe('EFI_INVALID_PARAMETER');
    },
  );

  test('the types of UEFI 1.10 join their group', () => {
    const { events, log, noting } = world();
    noting('exit', TPL_NOTIFY, EVT_SIGNAL_EXIT_BOOT_SERVICES);
    events.signalGroup(EFI_EVENT_GROUP_EXIT_BOOT_SERVICES);
    expect(log).toEqual(['exit@16']);
  });

  test('the function is given its event and its context', () => {
    const { events } = world();
    const seen: unknown[] = [];
    const context = { of: 'the driver' };
    const event = events.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      (...given) => seen.push(...given),
      context,
    );
    events.signalEvent(event);
    expect(seen).toEqual([event, context]);
  });
});

describe('SignalEvent (UEFI §7.1.4)', () => {
  test('runs a notification above the current TPL before it returns', () => {
    const { events, log, noting } = world();
    const event = noting('a');
    events.signalEvent(event);
    events.signalEvent(event);
    expect(log).toEqual(['a@8', 'a@8']);
  });

  test('does nothing to an event that is signalled already', () => {
    const { events, log, noting } = world();
    const event = noting('a');
    events.raiseTpl(TPL_CALLBACK);
    events.signalEvent(event);
    events.signalEvent(event);
    events.restoreTpl(TPL_APPLICATION);
    expect(log).toEqual(['a@8']);
  });

  test('a second signal does not cost an event its place in the queue', () => {
    const { events, log, noting } = world();
    const [first, second] = [noting('a'), noting('b')];
    events.raiseTpl(TPL_CALLBACK);
    for (const event of [first, second, first]) events.signalEvent(event);
    events.restoreTpl(TPL_APPLICATION);
    expect(log).toEqual(['a@8', 'b@8']);
  });

  test('a notification function may signal and close its own event', () => {
    const { events } = world();
    let runs = 0;
    const event: EfiEvent = events.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      (self) => {
        runs++;
        if (runs < 3) events.signalEvent(self);
        else events.closeEvent(self);
      },
      null,
    );
    events.signalEvent(event);
    expect(runs).toBe(3);
    expect(statusOf(() => events.signalEvent(event))).toBe('EFI_INVALID_PARAMETER');
  });

  test('a higher notification interrupts a lower one, a lower one waits for it', () => {
    const { events, log, noting } = world();
    const high = noting('high', TPL_NOTIFY);
    const low = noting('low');
    const event = events.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => {
        events.signalEvent(low);
        events.signalEvent(high);
        log.push('self');
      },
      null,
    );
    events.signalEvent(event);
    expect(log).toEqual(['high@16', 'self', 'low@8']);
  });

  test('an event of another firmware is refused', () => {
    const other = world().noting('other');
    expect(statusOf(() => world().events.signalEvent(other))).toBe('EFI_INVALID_PARAMETER');
  });

  test('a status that a notification function throws is its bug, not the answer of the service', () => {
    const { events } = world();
    const bad = events.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => {
        throw new EfiError('EFI_DEVICE_ERROR', 'nobody listens');
      },
      null,
    );
    expect(() => events.signalEvent(bad)).toThrow(/event 1 failed with EFI_DEVICE_ERROR/);
    expect(events.currentTpl).toBe(TPL_APPLICATION);
  });

  test('an error of a notification function passes through, and the TPL falls back', () => {
    const { events } = world();
    const bad = events.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_NOTIFY,
      () => {
        throw new TypeError('a bug');
      },
      null,
    );
    expect(() => events.signalEvent(bad)).toThrow(TypeError);
    expect(events.currentTpl).toBe(TPL_APPLICATION);
  });
});

describe('event groups (UEFI §7.1.2)', () => {
  test.each(PROFILES)('%s: one signal notifies all, by TPL, the newest first', (profile) => {
    const { events, log, noting } = world(profile);
    const inGroup = (name: string, tpl: number) =>
      events.createEvent(EVT_NOTIFY_SIGNAL, tpl, () => log.push(name), null, GROUP);
    const a = inGroup('a', TPL_CALLBACK);
    inGroup('b', TPL_CALLBACK);
    inGroup('c', TPL_NOTIFY);
    noting('outsider');
    events.raiseTpl(TPL_NOTIFY);
    events.signalEvent(a);
    events.restoreTpl(TPL_APPLICATION);
    expect(log).toEqual(['c', 'b', 'a']);
  });

  const mixed = (profile: Profile) => {
    const { events, log } = world(profile);
    const plain = events.createEvent(0, 0, undefined, null, GROUP);
    const notified = events.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => log.push('notified'),
      null,
      GROUP,
    );
    return { events, log, plain, notified };
  };

  test('specification: a member without a function signals the others, and is signalled by them', () => {
    const { events, log, plain, notified } = mixed('specification');
    events.signalEvent(plain);
    expect(log).toEqual(['notified']);
    expect(events.checkEvent(plain)).toBe(true);
    events.signalEvent(notified);
    expect(events.checkEvent(plain)).toBe(true);
  });

  test('edk2: a member without a function is alone', () => {
    const { events, log, plain, notified } = mixed('edk2');
    events.signalEvent(plain);
    expect(log).toEqual([]);
    expect(events.checkEvent(plain)).toBe(true);
    events.signalEvent(notified);
    expect(log).toEqual(['notified']);
    expect(events.checkEvent(plain)).toBe(false);
  });

  test('a closed member is not notified any more', () => {
    const { events, log, plain, notified } = mixed('specification');
    events.closeEvent(notified);
    events.signalEvent(plain);
    expect(log).toEqual([]);
  });
});

describe('CheckEvent (UEFI §7.1.6)', () => {
  test('consumes the signal', () => {
    const { events } = world();
    const event = events.createEvent(0, 0, undefined, null);
    expect(events.checkEvent(event)).toBe(false);
    events.signalEvent(event);
    expect(events.checkEvent(event)).toBe(true);
    expect(events.checkEvent(event)).toBe(false);
  });

  test('runs the function of an EVT_NOTIFY_WAIT event, which may signal it', () => {
    const { events } = world();
    let ready = false;
    const event = events.createEvent(
      EVT_NOTIFY_WAIT,
      TPL_NOTIFY,
      (self) => {
        if (ready) events.signalEvent(self);
      },
      null,
    );
    expect(events.checkEvent(event)).toBe(false);
    ready = true;
    expect(events.checkEvent(event)).toBe(true);
  });

  test('at the TPL of the function, the function waits', () => {
    const { events, log, noting } = world();
    const event = noting('wait', TPL_CALLBACK, EVT_NOTIFY_WAIT);
    events.raiseTpl(TPL_CALLBACK);
    expect(events.checkEvent(event)).toBe(false);
    expect(log).toEqual([]);
    events.restoreTpl(TPL_APPLICATION);
    expect(log).toEqual(['wait@8']);
  });

  test('a function that waits already goes to the end of its queue', () => {
    const { events, log, noting } = world();
    const [a, b] = [
      noting('a', TPL_CALLBACK, EVT_NOTIFY_WAIT),
      noting('b', TPL_CALLBACK, EVT_NOTIFY_WAIT),
    ];
    events.raiseTpl(TPL_CALLBACK);
    for (const event of [a, b, a]) events.checkEvent(event);
    events.restoreTpl(TPL_APPLICATION);
    expect(log).toEqual(['b@8', 'a@8']);
  });

  test('refuses EVT_NOTIFY_SIGNAL', () => {
    const { events, noting } = world();
    const event = noting('a');
    expect(statusOf(() => events.checkEvent(event))).toBe('EFI_INVALID_PARAMETER');
  });
});

describe('CloseEvent (UEFI §7.1.3)', () => {
  test('what was pending never runs, and the timer is off', () => {
    const { events, log, noting, platform } = world();
    const event = noting('never', TPL_CALLBACK, EVT_TIMER + EVT_NOTIFY_SIGNAL);
    events.setTimer(event, 'TimerRelative', 10);
    events.raiseTpl(TPL_CALLBACK);
    events.signalEvent(event);
    events.closeEvent(event);
    events.restoreTpl(TPL_APPLICATION);
    platform.clock.delay(1e6);
    expect(log).toEqual([]);
    expect(events.open()).toEqual([]);
    expect(statusOf(() => events.closeEvent(event))).toBe('EFI_INVALID_PARAMETER');
  });

  test('tells who keeps registrations of it', () => {
    const { events, noting } = world();
    const closed: EfiEvent[] = [];
    events.onClose((event) => closed.push(event));
    const event = noting('a');
    events.closeEvent(event);
    expect(closed).toEqual([event]);
  });
});

describe('WaitForEvent (UEFI §7.1.5)', () => {
  test('is allowed at TPL_APPLICATION only, and that is checked first', () => {
    const { events } = world();
    events.raiseTpl(TPL_CALLBACK);
    expect(statusOf(() => events.waitForEvent([]))).toBe('EFI_UNSUPPORTED');
    events.restoreTpl(TPL_APPLICATION);
    expect(statusOf(() => events.waitForEvent([]))).toBe('EFI_INVALID_PARAMETER');
  });

  test('says which event it cannot wait for', () => {
    const { events, noting } = world();
    const events1 = [events.createEvent(0, 0, undefined, null), noting('a')];
    const failure = errorOf(() => events.waitForEvent(events1));
    expect(failure?.status).toBe('EFI_INVALID_PARAMETER');
    expect(failure?.out).toBe(1);
  });

  test.each(PROFILES)('%s: sleeps until a timer signals one of the events', (profile) => {
    const { events, platform } = world(profile);
    const never = events.createEvent(0, 0, undefined, null);
    const timer = events.createEvent(EVT_TIMER, 0, undefined, null);
    events.setTimer(timer, 'TimerRelative', 500_000);
    expect(events.waitForEvent([never, timer])).toBe(1);
    expect(platform.cycles.now).toBeGreaterThanOrEqual(50_000_000);
    expect(platform.cycles.now).toBeLessThan(61_000_000);
  });

  test('polls: what a notification function finds needs no interrupt', () => {
    const { events, platform } = world();
    const event = events.createEvent(
      EVT_NOTIFY_WAIT,
      TPL_CALLBACK,
      (self) => {
        if (platform.clock.now() > 35_000_000) events.signalEvent(self);
      },
      null,
    );
    expect(events.waitForEvent([event])).toBe(0);
    expect(platform.clock.now()).toBeLessThan(50_000_000);
  });

  test('does not sleep over a signal that came while it looked at a later event', () => {
    const { events, platform } = world();
    const first = events.createEvent(0, 0, undefined, null);
    let looks = 0;
    const second = events.createEvent(
      EVT_NOTIFY_WAIT,
      TPL_CALLBACK,
      () => {
        looks++;
        events.signalEvent(first);
      },
      null,
    );
    expect(events.waitForEvent([first, second])).toBe(0);
    expect(looks).toBe(1);
    expect(platform.clock.now()).toBe(0);
  });

  test('polling delays no timer', () => {
    const { events, platform } = world();
    const polled = events.createEvent(EVT_NOTIFY_WAIT, TPL_CALLBACK, () => {}, null);
    const timer = events.createEvent(EVT_TIMER, 0, undefined, null);
    events.setTimer(timer, 'TimerRelative', 350_000);
    expect(events.waitForEvent([polled, timer])).toBe(1);
    expect(platform.clock.now()).toBe(35_000_000);
  });

  test('waiting for what cannot come ends the world', () => {
    const { events } = world();
    const never = events.createEvent(0, 0, undefined, null);
    expect(endOf(() => events.waitForEvent([never]))).toBe('stopped');
  });
});
