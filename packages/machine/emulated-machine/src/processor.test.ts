import { TerminalSignal } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { Processor } from './processor.ts';

const ACCESS = 20;

function catchSignal(run: () => unknown): unknown {
  try {
    run();
  } catch (caught) {
    return caught;
  }
  return undefined;
}

/** A processor whose handler notes when it ran. */
function createProcessor() {
  const processor = new Processor(() => ['virtio-blk: queue 0 was not served']);
  const taken: number[] = [];
  processor.setInterruptHandler(() => taken.push(processor.cycles.now));
  return { processor, taken, cycles: processor.cycles };
}

describe('virtual time', () => {
  test('every access passes the same small time', () => {
    const { processor } = createProcessor();
    const before = processor.now();
    processor.fence();
    processor.fence();
    expect(processor.now() - before).toBe(3 * ACCESS);
  });

  test('reading the clock passes time, so that a loop that waits for it ends', () => {
    const { processor } = createProcessor();
    const until = processor.now() + 1000;
    let polls = 0;
    while (processor.now() < until) polls++;
    expect(polls).toBeLessThanOrEqual(50);
  });

  test('events of devices happen before the first access at or after their time', () => {
    const { processor, cycles } = createProcessor();
    const log: number[] = [];
    processor.events.schedule(cycles.now + 50, () => log.push(cycles.now));
    processor.fence();
    processor.fence();
    expect(log).toEqual([]);
    processor.fence();
    expect(log).toHaveLength(1);
  });

  test('a delay jumps from event to event, each at its own time, and ends at its own', () => {
    const { processor, cycles } = createProcessor();
    const start = cycles.now;
    const log: number[] = [];
    for (const at of [9000, 3000, 3000, 20_000]) {
      processor.events.schedule(at, () => log.push(cycles.now));
    }
    processor.delay(10_000);
    expect(log).toEqual([3000, 3000, 9000]);
    expect(cycles.now).toBe(start + ACCESS + 10_000);
  });

  test('time that is spent without access lets events happen too', () => {
    const { processor, cycles } = createProcessor();
    let happened = false;
    processor.events.schedule(cycles.now + 100, () => (happened = true));
    cycles.spend(99);
    expect(happened).toBe(false);
    cycles.spend(1);
    expect(happened).toBe(true);
  });
});

describe('the alarm interrupt', () => {
  test('comes before an access, once, when its time has come', () => {
    const { processor, taken, cycles } = createProcessor();
    processor.setInterruptState(true);
    processor.setAlarm(cycles.now + 100);
    for (let access = 0; access < 100; access++) processor.fence();
    expect(taken).toHaveLength(1);
  });

  test('waits while interrupts are disabled, and is taken at once when they are enabled', () => {
    const { processor, taken, cycles } = createProcessor();
    processor.setAlarm(cycles.now + 100);
    processor.delay(1000);
    expect(taken).toEqual([]);
    expect(processor.setInterruptState(true)).toBe(false);
    expect(taken).toHaveLength(1);
    expect(processor.setInterruptState(false)).toBe(true);
  });

  test('is taken with interrupts disabled, which are enabled again when the handler returns', () => {
    const { processor, cycles } = createProcessor();
    const states: boolean[] = [];
    processor.setInterruptHandler(() => {
      processor.setAlarm(cycles.now);
      // A second interrupt is due, and must not come now.
      processor.fence();
      if (states.length < 3) states.push(processor.setInterruptState(false));
      else processor.setAlarm(undefined);
    });
    processor.setInterruptState(true);
    processor.setAlarm(cycles.now);
    processor.fence();
    expect(states).toEqual([false, false, false]);
    expect(processor.setInterruptState(false)).toBe(true);
  });

  test('can be nested by a handler that enables interrupts', () => {
    const { processor, cycles } = createProcessor();
    const log: string[] = [];
    processor.setInterruptHandler(() => {
      const depth = log.length;
      log.push(`enter ${depth}`);
      if (depth === 0) {
        processor.setAlarm(cycles.now);
        processor.setInterruptState(true);
      }
      log.push(`leave ${depth}`);
    });
    processor.setInterruptState(true);
    processor.setAlarm(cycles.now);
    processor.fence();
    expect(log).toEqual(['enter 0', 'enter 1', 'leave 1', 'leave 0']);
  });

  test('can be disarmed', () => {
    const { processor, taken, cycles } = createProcessor();
    processor.setInterruptState(true);
    processor.setAlarm(cycles.now + 100);
    processor.setAlarm(undefined);
    processor.delay(1000);
    expect(taken).toEqual([]);
  });

  test('comes in the middle of a delay, at its time', () => {
    const { processor, taken, cycles } = createProcessor();
    processor.setInterruptState(true);
    processor.setAlarm(5000);
    processor.delay(100_000);
    expect(taken).toEqual([5000]);
    expect(cycles.now).toBeGreaterThan(100_000);
  });

  test('without a handler it waits for one', () => {
    const { processor, taken, cycles } = createProcessor();
    processor.setInterruptHandler(undefined);
    processor.setInterruptState(true);
    processor.setAlarm(cycles.now);
    processor.delay(1000);
    processor.setInterruptHandler(() => taken.push(cycles.now));
    processor.fence();
    expect(taken).toHaveLength(1);
  });
});

describe('sleeping', () => {
  test('jumps to the alarm', () => {
    const { processor, taken } = createProcessor();
    processor.setInterruptState(true);
    processor.setAlarm(7_000_000);
    processor.sleep();
    expect(taken).toEqual([7_000_000]);
  });

  test('jumps to the next event of a device', () => {
    const { processor, cycles } = createProcessor();
    processor.events.schedule(9_000_000, () => {});
    processor.sleep();
    expect(cycles.now).toBe(9_000_000);
  });

  test('with nothing that could ever wake it, the world ends as stopped', () => {
    const { processor } = createProcessor();
    processor.setAlarm(7_000_000);
    // Interrupts are disabled: the alarm cannot come.
    expect(catchSignal(() => processor.sleep())).toMatchObject({ kind: 'stopped' });
  });
});

describe('the end of a world', () => {
  const signal = new TerminalSignal('power-loss', 'the plug was pulled');

  test('every later access raises the same signal, and nothing happens any more', () => {
    const { processor, cycles } = createProcessor();
    let happened = false;
    processor.events.schedule(cycles.now + 10, () => (happened = true));
    expect(catchSignal(() => processor.end(signal))).toBe(signal);
    const other = new TerminalSignal('reset', 'too late');
    const uses = [
      () => processor.fence(),
      () => processor.now(),
      () => processor.delay(1000),
      () => processor.setAlarm(1),
      () => processor.sleep(),
      () => processor.setInterruptState(true),
      () => processor.setInterruptHandler(undefined),
      () => cycles.access(),
      () => cycles.spend(1000),
      () => processor.end(other),
    ];
    expect(uses.map(catchSignal)).toEqual(uses.map(() => signal));
    expect(happened).toBe(false);
    expect(processor.ended).toBe(signal);
  });

  test('an interrupt handler can end it', () => {
    const { processor, cycles } = createProcessor();
    processor.setInterruptHandler(() => processor.end(signal));
    processor.setInterruptState(true);
    processor.setAlarm(cycles.now);
    expect(catchSignal(() => processor.delay(10))).toBe(signal);
    expect(catchSignal(() => processor.fence())).toBe(signal);
  });
});

describe('a budget', () => {
  test('of accesses allows exactly so many, whatever time they take', () => {
    const { processor, cycles } = createProcessor();
    processor.setBudget({ accesses: 100 });
    cycles.spend(1e6);
    const caught = catchSignal(() => {
      for (;;) processor.fence();
    });
    expect(caught).toMatchObject({ kind: 'budget-spent' });
    expect(cycles.accesses).toBe(101);
  });

  test('of accesses counts those in delays and in handlers', () => {
    const { processor, cycles } = createProcessor();
    processor.setBudget({ accesses: 50 });
    const caught = catchSignal(() => {
      for (;;) processor.delay(1e9);
    });
    expect(caught).toMatchObject({ kind: 'budget-spent' });
    expect(cycles.accesses).toBe(51);
  });

  test.each([
    ['a poll', (processor: Processor) => processor.fence()],
    ['a delay', (processor: Processor) => processor.delay(1e6)],
    ['sleeping until a far event', (processor: Processor) => processor.sleep()],
    ['boot services', (processor: Processor) => processor.cycles.spend(100)],
  ])('of virtual time ends %s', (_, use) => {
    const { processor, cycles } = createProcessor();
    processor.events.schedule(1e12, () => {});
    processor.setBudget({ virtualTime: 5e6 });
    const caught = catchSignal(() => {
      for (;;) use(processor);
    });
    expect(caught).toMatchObject({
      kind: 'budget-spent',
      message: 'the boot has spent its budget of 5 ms of virtual time',
      details: { report: 'virtio-blk: queue 0 was not served', virtualTime: cycles.now },
    });
    expect(cycles.now).toBeGreaterThanOrEqual(5e6);
    expect(cycles.now).toBeLessThan(5e6 + 200);
  });

  test('that is spent with interrupts disabled ends the world as well', () => {
    const { processor } = createProcessor();
    processor.setBudget({ virtualTime: 1000 });
    processor.setInterruptState(false);
    expect(
      catchSignal(() => {
        for (;;) processor.fence();
      }),
    ).toMatchObject({ kind: 'budget-spent' });
  });

  test('that is larger than what is used changes nothing', () => {
    const run = (limited: boolean): number => {
      const { processor, cycles, taken } = createProcessor();
      if (limited) processor.setBudget({ accesses: 1e6, virtualTime: 1e12 });
      processor.setInterruptState(true);
      processor.setAlarm(5000);
      for (let round = 0; round < 1000; round++) processor.fence();
      return cycles.now + (taken[0] ?? 0);
    };
    expect(run(true)).toBe(run(false));
  });
});
