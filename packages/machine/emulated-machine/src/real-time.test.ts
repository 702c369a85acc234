import { isTerminalSignal } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { createEmulatedMachine } from './emulated-machine.ts';
import { Uart16550 } from './devices/uart-16550.ts';
import type { RealTime } from './real-time.ts';

const SECOND = 1e9;

/** A wall clock that passes only while somebody sleeps, and a person who types at given times. */
class Person implements RealTime {
  time = 1000 * SECOND;
  /** When he switches the machine off. */
  off: number = Infinity;
  readonly slept: number[] = [];
  /** When which byte is typed, in the order of time. */
  readonly #plan: { readonly at: number; readonly byte: number }[] = [];
  readonly #typed: number[] = [];

  types(text: string, seconds: number): void {
    for (const byte of new TextEncoder().encode(text)) {
      this.#plan.push({ at: this.time + seconds * SECOND, byte });
    }
  }

  now(): number {
    return this.time;
  }

  sleep(nanoseconds: number): boolean {
    const until = this.time + nanoseconds;
    const next = this.#plan[0]?.at ?? Infinity;
    this.slept.push(Math.min(until, next) - this.time);
    this.time = Math.max(this.time, Math.min(until, next));
    const before = this.#typed.length;
    while ((this.#plan[0]?.at ?? Infinity) <= this.time) {
      this.#typed.push(this.#plan.shift()?.byte ?? 0);
    }
    return this.#typed.length > before;
  }

  isSwitchedOff(): boolean {
    return this.time >= this.off;
  }

  read(): number | undefined {
    return this.#typed.shift();
  }
}

function sitDown() {
  const person = new Person();
  const uart = new Uart16550(() => {}, 0x3f8, person);
  const machine = createEmulatedMachine({
    memory: 0x10_0000,
    devices: [uart],
    realTime: person,
  });
  const { platform } = machine;
  const alarms: number[] = [];
  platform.cpu.setInterruptHandler(() => alarms.push(platform.cycles.now));
  platform.cpu.setInterruptState(true);
  const ready = (): boolean => (platform.ports.read8(0x3fd) & 0x01) !== 0;
  return { person, machine, platform, alarms, ready };
}

/** How the world ends if it goes on like this. */
function endOf(action: () => void): string {
  try {
    for (let count = 0; count < 10_000; count++) action();
  } catch (caught) {
    if (isTerminalSignal(caught)) return caught.kind;
    throw caught;
  }
  return 'it does not';
}

describe('a machine in real time', () => {
  test('a delay takes as long as it says', () => {
    const { person, platform } = sitDown();
    const [before, virtual] = [person.time, platform.clock.now()];
    platform.clock.delay(5 * SECOND);
    expect(person.time - before).toBeGreaterThanOrEqual(4.99 * SECOND);
    expect(platform.clock.now() - virtual).toBeLessThan(5.01 * SECOND);
  });

  test('the CPU sleeps up to its alarm', () => {
    const { person, platform, alarms } = sitDown();
    const before = person.time;
    platform.clock.setAlarm(platform.clock.now() + 2 * SECOND);
    platform.cpu.sleep();
    expect(alarms).toHaveLength(1);
    expect((person.time - before) / SECOND).toBeCloseTo(2);
  });

  test('a byte that comes wakes the CPU up, and is there; the alarm still comes', () => {
    const { person, platform, alarms, ready } = sitDown();
    person.types('k', 1);
    const before = person.time;
    platform.clock.setAlarm(platform.clock.now() + 2 * SECOND);
    expect(ready()).toBe(false);
    platform.cpu.sleep();
    expect([alarms.length, (person.time - before) / SECOND]).toEqual([0, 1]);
    expect([ready(), platform.ports.read8(0x3f8), ready()]).toEqual([true, 0x6b, false]);
    platform.cpu.sleep();
    expect(alarms).toHaveLength(1);
  });

  test('a byte does not cut a delay short', () => {
    const { person, platform } = sitDown();
    person.types('k', 1);
    const before = person.time;
    platform.clock.delay(3 * SECOND);
    expect((person.time - before) / SECOND).toBeCloseTo(3);
  });

  test('the clock follows what passes outside while the firmware is busy, alarms too', () => {
    const { person, platform, alarms } = sitDown();
    platform.clock.setAlarm(platform.clock.now() + 10 * SECOND);
    person.time += 10 * SECOND;
    for (let access = 0; access < 2000 && alarms.length === 0; access++) platform.cpu.fence();
    expect(alarms).toHaveLength(1);
    expect(platform.clock.now()).toBeGreaterThanOrEqual(10 * SECOND);
    expect(person.slept).toEqual([]);
  });

  test('is off when he switches it off, whether it waits or is busy', () => {
    const waiting = sitDown();
    waiting.person.off = waiting.person.time + SECOND;
    expect(endOf(() => waiting.platform.clock.delay(60 * SECOND))).toBe('power-loss');
    const busy = sitDown();
    busy.person.off = 0;
    expect(endOf(() => void busy.ready())).toBe('power-loss');
  });

  test('a budget of time is one of real time', () => {
    const { machine, platform, person } = sitDown();
    machine.setBudget({ virtualTime: 3 * SECOND });
    const before = person.time;
    expect(endOf(() => platform.clock.delay(60 * SECOND))).toBe('budget-spent');
    expect((person.time - before) / SECOND).toBeCloseTo(3);
  });
});
