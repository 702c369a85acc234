import { TerminalSignal } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { testMachine, thrownBy, whyNoQemu } from '../test-qemu.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const MS = 1e6;

describe.skipIf(skip !== undefined)(`time is real ${skip ?? ''}`, () => {
  test.for([0.05, 1, 20])('a delay of %d ms takes as long, for the firmware and for us', (ms) => {
    using machine = testMachine();
    const { clock } = machine.platform;
    const [before, start] = [clock.now(), performance.now()];
    clock.delay(ms * MS);
    expect(performance.now() - start).toBeGreaterThanOrEqual(ms);
    expect(clock.now() - before).toBeGreaterThanOrEqual(ms * MS);
  });

  test('it goes on while nothing but accesses happens, and never back', () => {
    using machine = testMachine();
    const { clock, cycles, ram } = machine.platform;
    let last = clock.now();
    for (let count = 0; count < 1000; count++) {
      ram.readUint8(0);
      cycles.spend(100);
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(last).toBeGreaterThan(0);
  });
});

describe.skipIf(skip !== undefined)(`the alarm interrupt ${skip ?? ''}`, () => {
  test('comes between accesses, once, with interrupts disabled', () => {
    using machine = testMachine();
    const { clock, cpu, ram } = machine.platform;
    const states: boolean[] = [];
    cpu.setInterruptHandler(() => states.push(cpu.setInterruptState(false)));
    cpu.setInterruptState(true);
    clock.setAlarm(clock.now() + 2 * MS);
    const until = performance.now() + 5000;
    while (states.length === 0 && performance.now() < until) ram.readUint8(0);
    clock.delay(3 * MS);
    expect(states).toEqual([false]);
    expect(cpu.setInterruptState(true)).toBe(true);
  });

  test('waits until interrupts are enabled', () => {
    using machine = testMachine();
    const { clock, cpu } = machine.platform;
    let taken = 0;
    cpu.setInterruptHandler(() => void taken++);
    clock.setAlarm(clock.now() + MS);
    clock.delay(2 * MS);
    expect(taken).toBe(0);
    expect(cpu.setInterruptState(true)).toBe(false);
    expect(taken).toBe(1);
  });

  test('comes on time in the middle of a delay, and may set the next one', () => {
    using machine = testMachine();
    const { clock, cpu } = machine.platform;
    const start = clock.now();
    const ticks: number[] = [];
    cpu.setInterruptHandler(() => {
      ticks.push(clock.now() - start);
      clock.setAlarm(start + (ticks.length + 1) * 5 * MS);
    });
    cpu.setInterruptState(true);
    clock.setAlarm(start + 5 * MS);
    clock.delay(28 * MS);
    expect(ticks.length).toBeGreaterThanOrEqual(5);
    for (const [index, tick] of ticks.entries()) {
      expect(tick).toBeGreaterThanOrEqual((index + 1) * 5 * MS);
    }
  });

  test('wakes a CPU that sleeps; without it nothing could', () => {
    using machine = testMachine();
    const { clock, cpu } = machine.platform;
    let taken = 0;
    cpu.setInterruptHandler(() => void taken++);
    cpu.setInterruptState(true);
    const due = clock.now() + 3 * MS;
    clock.setAlarm(due);
    cpu.sleep();
    expect(taken).toBe(1);
    expect(clock.now()).toBeGreaterThanOrEqual(due);
    expect(thrownBy(() => cpu.sleep())).toMatchObject({ kind: 'stopped' });
  });
});

describe.skipIf(skip !== undefined)(`the end ${skip ?? ''}`, () => {
  test.for([
    ['time', { time: 20 * MS }, 'the boot has spent its budget of 20 ms'],
    ['accesses', { accesses: 100 }, 'the boot has spent its budget of 100 accesses'],
  ] as const)('a budget of %s ends what polls for ever', ([, budget, message]) => {
    using machine = testMachine();
    machine.setBudget(budget);
    const { ports } = machine.platform;
    const end = thrownBy(() => {
      for (;;) ports.read8(0x3fd);
    });
    expect(end).toMatchObject({ kind: 'budget-spent', message: expect.stringContaining(message) });
  });

  test('a budget of time ends a delay and a sleep, too', () => {
    for (const wait of ['delay', 'sleep'] as const) {
      using machine = testMachine({ budget: { time: 20 * MS } });
      const { clock, cpu } = machine.platform;
      cpu.setInterruptHandler(() => {});
      cpu.setInterruptState(true);
      clock.setAlarm(1e15);
      const end = thrownBy(() => (wait === 'delay' ? clock.delay(1e15) : cpu.sleep()));
      expect(end).toMatchObject({ kind: 'budget-spent' });
    }
  });

  test('is the same for every access after it, and what was written before it has been written', () => {
    using machine = testMachine();
    const { platform } = machine;
    platform.ports.write8(0x3f8, 0x41);
    const signal = new TerminalSignal('handed-over', 'done');
    expect(thrownBy(() => platform.end(signal))).toBe(signal);
    expect(thrownBy(() => platform.end(new TerminalSignal('reset', 'late')))).toBe(signal);
    expect(thrownBy(() => platform.ram.writeUint8(0, 0))).toBe(signal);
    expect(thrownBy(() => platform.reset('EfiResetCold', 'late'))).toBe(signal);
    expect(thrownBy(() => platform.cycles.spend(1))).toBe(signal);
    expect([...machine.takeConsole()]).toEqual([0x41]);
  });

  test('a reset ends the world', () => {
    using machine = testMachine();
    expect(thrownBy(() => machine.platform.reset('EfiResetCold', 'why'))).toMatchObject({
      kind: 'reset',
      message: 'why',
      details: { type: 'EfiResetCold' },
    });
  });
});
