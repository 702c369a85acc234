import {
  EVT_NOTIFY_SIGNAL,
  EVT_TIMER,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModuleDebug } from '../misc/module-debug.ts';
import { TestPlatform } from '../test-platform.fixture.ts';
import { EventServices } from './event-services.ts';

const MILLISECOND = 1_000_000;
/** In units of 100 ns. */
const ms = (count: number): number => count * 10_000;

function world(profile: Profile) {
  const platform = new TestPlatform();
  const debug = new ModuleDebug(platform, 'DxeCore', undefined);
  const events = new EventServices(platform, debug, new Quirks(profile));
  /** When each timer fired, in milliseconds. */
  const fired: string[] = [];
  const timer = (name: string, tpl = TPL_CALLBACK) =>
    events.createEvent(
      EVT_TIMER + EVT_NOTIFY_SIGNAL,
      tpl,
      () => fired.push(`${name} ${platform.clock.now() / MILLISECOND}`),
      null,
    );
  return { platform, events, fired, timer };
}

describe('SetTimer (UEFI §7.1.7)', () => {
  test.each(PROFILES)('%s: needs EVT_TIMER and a time', (profile) => {
    const { events, timer } = world(profile);
    const plain = events.createEvent(0, 0, undefined, null);
    expect(() => events.setTimer(plain, 'TimerCancel')).toThrow('EFI_INVALID_PARAMETER');
    const event = timer('a');
    expect(() => events.setTimer(event, 'TimerRelative', -1)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => events.setTimer(event, 'TimerRelative', Number.NaN)).toThrow(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('specification: a timer is due exactly when it is due', () => {
    const { events, fired, timer, platform } = world('specification');
    events.setTimer(timer('a'), 'TimerRelative', ms(7));
    events.setTimer(timer('b'), 'TimerRelative', ms(3));
    platform.clock.delay(20 * MILLISECOND);
    expect(fired).toEqual(['b 3', 'a 7']);
  });

  test('edk2: time advances in ticks of 10 ms', () => {
    const { events, fired, timer, platform } = world('edk2');
    events.setTimer(timer('a'), 'TimerRelative', ms(7));
    platform.clock.delay(15 * MILLISECOND);
    events.setTimer(timer('b'), 'TimerRelative', ms(11));
    platform.clock.delay(45 * MILLISECOND);
    expect(fired).toEqual(['a 10', 'b 30']);
  });

  test.each(PROFILES)(
    '%s: timers due at one time fire in the order they were set in',
    (profile) => {
      const { events, fired, timer, platform } = world(profile);
      for (const name of ['a', 'b', 'c']) events.setTimer(timer(name), 'TimerRelative', ms(10));
      platform.clock.delay(10 * MILLISECOND);
      expect(fired).toEqual(['a 10', 'b 10', 'c 10']);
    },
  );

  test.each(PROFILES)('%s: a periodic timer goes on until it is cancelled', (profile) => {
    const { events, fired, timer, platform } = world(profile);
    const event = timer('a');
    events.setTimer(event, 'TimerPeriodic', ms(20));
    platform.clock.delay(50 * MILLISECOND);
    events.setTimer(event, 'TimerCancel');
    platform.clock.delay(50 * MILLISECOND);
    expect(fired).toEqual(['a 20', 'a 40']);
  });

  test.each(PROFILES)('%s: period 0 means every tick', (profile) => {
    const { events, fired, timer, platform } = world(profile);
    events.setTimer(timer('a'), 'TimerPeriodic', 0);
    platform.clock.delay(35 * MILLISECOND);
    expect(fired).toEqual(['a 10', 'a 20', 'a 30']);
  });

  test.each(PROFILES)('%s: a relative time of 0 fires at once', (profile) => {
    const { events, fired, timer } = world(profile);
    events.setTimer(timer('a'), 'TimerRelative', 0);
    expect(fired).toEqual(['a 0']);
  });

  test.each(PROFILES)('%s: lost periods are not caught up', (profile) => {
    const { events, fired, timer, platform } = world(profile);
    events.setTimer(timer('a'), 'TimerPeriodic', ms(10));
    const oldTpl = events.raiseTpl(TPL_HIGH_LEVEL);
    platform.clock.delay(55 * MILLISECOND);
    expect(fired).toEqual([]);
    events.restoreTpl(oldTpl);
    expect(fired).toEqual(['a 55']);
    platform.clock.delay(20 * MILLISECOND);
    // A period from where it was noticed, by either reckoning of time.
    expect(fired).toEqual(profile === 'edk2' ? ['a 55', 'a 60', 'a 70'] : ['a 55', 'a 65', 'a 75']);
  });

  test('edk2: ticks that come while interrupts are disabled are lost', () => {
    const { events, fired, timer, platform } = world('edk2');
    events.setTimer(timer('a'), 'TimerRelative', ms(30));
    const oldTpl = events.raiseTpl(TPL_HIGH_LEVEL);
    platform.clock.delay(55 * MILLISECOND);
    events.restoreTpl(oldTpl);
    platform.clock.delay(45 * MILLISECOND);
    expect(fired).toEqual(['a 70']);
  });

  test.each(PROFILES)('%s: setting again replaces, and leaves the signal as it is', (profile) => {
    const { events, platform } = world(profile);
    const event = events.createEvent(EVT_TIMER, 0, undefined, null);
    events.setTimer(event, 'TimerRelative', ms(10));
    events.setTimer(event, 'TimerRelative', ms(50));
    platform.clock.delay(20 * MILLISECOND);
    expect(events.checkEvent(event)).toBe(false);
    events.signalEvent(event);
    events.setTimer(event, 'TimerCancel');
    expect(events.checkEvent(event)).toBe(true);
  });

  test.each(PROFILES)('%s: a closed event has no timer', (profile) => {
    const { events, fired, timer, platform } = world(profile);
    const event = timer('a');
    events.setTimer(event, 'TimerRelative', ms(10));
    events.closeEvent(event);
    platform.clock.delay(50 * MILLISECOND);
    expect(fired).toEqual([]);
  });

  test.each(PROFILES)('%s: a stopped timer service sets no alarm any more', (profile) => {
    const { events, fired, timer, platform } = world(profile);
    events.setTimer(timer('a'), 'TimerPeriodic', ms(10));
    events.stopTimers();
    platform.clock.delay(50 * MILLISECOND);
    expect(fired).toEqual([]);
  });
});

describe('the alarm interrupt', () => {
  test('comes before any access while interrupts are enabled', () => {
    const { events, fired, timer, platform } = world('specification');
    events.setTimer(timer('a', TPL_NOTIFY), 'TimerRelative', 1);
    while (fired.length === 0) platform.ram.readUint8(0);
    expect(platform.cycles.now).toBeLessThan(200);
  });

  test('notifies according to the TPL that it interrupted', () => {
    const { events, fired, timer, platform } = world('specification');
    events.setTimer(timer('callback'), 'TimerRelative', ms(1));
    events.setTimer(timer('notify', TPL_NOTIFY), 'TimerRelative', ms(1));
    events.raiseTpl(TPL_CALLBACK);
    platform.clock.delay(5 * MILLISECOND);
    expect(fired).toEqual(['notify 1']);
    expect(events.currentTpl).toBe(TPL_CALLBACK);
    events.restoreTpl(TPL_APPLICATION);
    expect(fired).toEqual(['notify 1', 'callback 5']);
  });

  test('nests while a notification function runs, and no deeper than there are levels', () => {
    const { events, platform } = world('specification');
    let depth = 0;
    let deepest = 0;
    for (const tpl of [TPL_CALLBACK, TPL_NOTIFY]) {
      const event = events.createEvent(
        EVT_TIMER + EVT_NOTIFY_SIGNAL,
        tpl,
        () => {
          deepest = Math.max(deepest, ++depth);
          platform.clock.delay(5 * MILLISECOND);
          depth--;
        },
        null,
      );
      events.setTimer(event, 'TimerPeriodic', ms(tpl + 12));
    }
    platform.clock.delay(100 * MILLISECOND);
    expect(deepest).toBe(2);
    expect(platform.returnedEnabled).toBe(false);
  });
});

describe('timers, whatever is set when', () => {
  test('none fires early, each fires once, all in the order of their times', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(...PROFILES), delays, (profile, times) => {
        const { events, platform } = world(profile);
        const order: number[] = [];
        for (const [index, time] of times.entries()) {
          const event = events.createEvent(
            EVT_TIMER + EVT_NOTIFY_SIGNAL,
            TPL_CALLBACK,
            () => {
              expect(platform.clock.now()).toBeGreaterThanOrEqual(time * 100);
              order.push(index);
            },
            null,
          );
          events.setTimer(event, 'TimerRelative', time);
        }
        platform.clock.delay(60 * MILLISECOND);
        // Those of 0 have fired as they were set; sorting is stable, as the queue is.
        const expected = [...times.keys()].toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
        expect(order).toEqual(expected);
      }),
    );
  });
});
