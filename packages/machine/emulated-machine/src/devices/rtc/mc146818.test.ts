import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEmulatedMachine } from '../../emulated-machine.ts';
import type { MachineFinding } from '../../machine-finding.ts';
import { Mc146818 } from './mc146818.ts';
import type { Mc146818Options } from './mc146818.ts';

const SECOND = 1e9;
const [A, B, C, D] = [0x0a, 0x0b, 0x0c, 0x0d] as const;
const SET = 0x80;
/** Year, month, day, hour, minute, second. */
const TIME_REGISTERS = [0x32, 0x09, 0x08, 0x07, 0x04, 0x02, 0x00];

class ClockWorld {
  readonly findings: MachineFinding[] = [];
  readonly #platform;

  constructor(options: Mc146818Options = {}) {
    const { platform } = createEmulatedMachine({
      memory: 0x10_0000,
      devices: [new Mc146818(options)],
      onFinding: (finding) => this.findings.push(finding),
    });
    this.#platform = platform;
  }

  read(register: number): number {
    this.#platform.ports.write8(0x70, register);
    return this.#platform.ports.read8(0x71);
  }

  write(register: number, value: number): void {
    this.#platform.ports.write8(0x70, register);
    this.#platform.ports.write8(0x71, value);
  }

  /** The registers of date and time as hexadecimal digits, which BCD makes readable. */
  get shown(): string {
    return TIME_REGISTERS.map((each) => this.read(each).toString(16).padStart(2, '0')).join(' ');
  }

  /** Writes date and time with updates inhibited. */
  set(...values: number[]): void {
    this.write(B, this.read(B) | SET);
    for (const [index, each] of TIME_REGISTERS.entries()) this.write(each, values[index] ?? 0);
    this.write(B, this.read(B) & ~SET);
  }

  wait(nanoseconds: number): void {
    this.#platform.clock.delay(nanoseconds);
  }
}

const at = (text: string): number => Date.parse(text) / 1000;

describe('the time of an MC146818A', () => {
  test('is always the same when the machine is switched on, and goes on with it', () => {
    const clock = new ClockWorld();
    expect(clock.shown).toBe('20 26 01 01 00 00 00');
    clock.wait(3661 * SECOND);
    expect(clock.shown).toBe('20 26 01 01 01 01 01');
  });

  test.each([
    ['2026-02-28T23:59:59Z', '20 26 03 01 00 00 00'],
    ['2028-02-28T23:59:59Z', '20 28 02 29 00 00 00'],
    ['1999-12-31T23:59:59Z', '20 00 01 01 00 00 00'],
    ['2100-02-28T23:59:59Z', '21 00 03 01 00 00 00'],
    ['1901-12-31T23:59:59Z', '19 02 01 01 00 00 00'],
  ])('the second after %s is %s', (time, next) => {
    const clock = new ClockWorld({ time: at(time) });
    clock.wait(SECOND);
    expect(clock.shown).toBe(next);
  });

  test('in 12-hour mode hours are 1 to 12, with bit 7 for the afternoon', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => {
      const time = at('2026-01-01T00:00:00Z') + hour * 3600;
      return new ClockWorld({ time, twelveHours: true }).read(4).toString(16);
    });
    const half = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'];
    const afternoon = half.map((hour) => (0x80 | Number.parseInt(hour, 16)).toString(16));
    expect(hours).toEqual(['12', ...half, '92', ...afternoon]);
  });

  test('in binary mode numbers are binary', () => {
    const clock = new ClockWorld({ time: at('2059-12-31T23:58:57Z'), binary: true });
    expect(TIME_REGISTERS.map((each) => clock.read(each))).toEqual([20, 59, 12, 31, 23, 58, 57]);
    expect(clock.read(6)).toBe(4); // a Wednesday
  });

  test('is set while updates are inhibited, and goes on then', () => {
    const clock = new ClockWorld();
    clock.write(B, 0x82);
    clock.write(0, 0x58);
    clock.wait(10 * SECOND);
    expect(clock.read(0)).toBe(0x58);
    clock.write(B, 0x02);
    clock.wait(1.5 * SECOND);
    expect(clock.read(0)).toBe(0x59);
    clock.set(0x19, 0x98, 0x12, 0x31, 0x23, 0x59, 0x59);
    expect(clock.shown).toBe('19 98 12 31 23 59 59');
    expect(clock.findings).toEqual([]);
  });

  test('in each of the four formats what was set is read', () => {
    const format = fc.record({ binary: fc.boolean(), twelveHours: fc.boolean() });
    const time = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(format, time, (options, date) => {
        const source = new ClockWorld({ ...options, time: Math.floor(date.getTime() / 1000) });
        const registers = TIME_REGISTERS.map((each) => source.read(each));
        const target = new ClockWorld(options);
        target.set(...registers);
        expect(TIME_REGISTERS.map((each) => target.read(each))).toEqual(registers);
        expect(target.findings).toEqual([]);
      }),
    );
  });

  test('that does not exist counts on, and is reported', () => {
    const clock = new ClockWorld();
    clock.set(0x20, 0x26, 0x02, 0x30, 0x24, 0x00, 0x00);
    expect(clock.shown).toBe('20 26 03 03 00 00 00');
    expect(clock.findings.map(({ rule }) => rule)).toEqual(['machine rtc-time-range']);
  });

  test('is held by a reset of the divider chain; the first update comes after half a second', () => {
    const clock = new ClockWorld();
    clock.write(A, 0x66);
    clock.wait(5 * SECOND);
    expect(clock.read(0)).toBe(0);
    clock.write(A, 0x26);
    clock.wait(0.49 * SECOND);
    expect(clock.read(0)).toBe(0);
    clock.wait(0.02 * SECOND);
    expect(clock.read(0)).toBe(1);
  });
});

describe('the update cycle of an MC146818A', () => {
  test('UIP tells of it 244 us before; who reads then, is reported', () => {
    const clock = new ClockWorld();
    clock.wait(0.997 * SECOND);
    expect(clock.read(A)).toBe(0x26);
    clock.wait(0.0009 * SECOND);
    expect(clock.read(A)).toBe(0xa6);
    clock.read(0);
    expect(clock.findings).toEqual([]);
    clock.wait(0.001 * SECOND);
    expect(clock.read(A)).toBe(0xa6);
    clock.read(0);
    expect(clock.findings.map(({ rule }) => rule)).toEqual(['machine rtc-update-in-progress']);
    clock.wait(0.0012 * SECOND);
    expect(clock.read(A)).toBe(0x26);
    expect(clock.read(0)).toBe(1);
  });

  test('there is none while updates are inhibited; UIP cannot be written', () => {
    const clock = new ClockWorld();
    clock.write(A, 0xa6);
    expect(clock.read(A)).toBe(0x26);
    clock.write(B, 0x82);
    clock.wait(0.999 * SECOND);
    expect(clock.read(A)).toBe(0x26);
  });

  test('its end sets UF', () => {
    const clock = new ClockWorld();
    expect(clock.read(C) & 0x10).toBe(0);
    clock.wait(SECOND);
    expect(clock.read(C) & 0x10).toBe(0x10);
    expect(clock.read(C) & 0x10).toBe(0);
  });
});

describe('the alarm of an MC146818A', () => {
  /** A clock with its alarm, in BCD: hour, minute, second. */
  const withAlarm = (hour: number, minute: number, second: number): ClockWorld => {
    const clock = new ClockWorld();
    clock.write(5, hour);
    clock.write(3, minute);
    clock.write(1, second);
    return clock;
  };

  test('rings at its second, whether or not anybody looks then', () => {
    const clock = withAlarm(0x00, 0x01, 0x30);
    clock.wait(89 * SECOND);
    expect(clock.read(C) & 0x20).toBe(0);
    clock.wait(60 * SECOND);
    expect(clock.read(C) & 0x20).toBe(0x20);
    clock.wait(3600 * SECOND);
    expect(clock.read(C) & 0x20).toBe(0);
    clock.wait(86_400 * SECOND);
    expect(clock.read(C) & 0x20).toBe(0x20);
  });

  test('requests an interrupt if it is enabled', () => {
    const clock = withAlarm(0x00, 0x00, 0x01);
    clock.write(B, 0x22);
    clock.wait(SECOND);
    expect(clock.read(C)).toBe(0xb0 | 0x40);
    expect(clock.read(C)).toBe(0);
  });

  test('parts from C0 up are any: each minute at 15 seconds', () => {
    const clock = withAlarm(0xff, 0xc0, 0x15);
    for (let minute = 0; minute < 3; minute++) {
      clock.wait(14 * SECOND);
      expect(clock.read(C) & 0x20).toBe(0);
      clock.wait(46 * SECOND);
      expect(clock.read(C) & 0x20).toBe(0x20);
    }
  });

  test('does not ring when the clock is set beyond it', () => {
    const clock = withAlarm(0x12, 0x00, 0x00);
    clock.set(0x20, 0x26, 0x01, 0x01, 0x13, 0x00, 0x00);
    expect(clock.read(C) & 0x20).toBe(0);
  });
});

describe('the registers of an MC146818A', () => {
  test('D says whether the battery has kept the time, and cannot be written', () => {
    expect(new ClockWorld().read(D)).toBe(0x80);
    const clock = new ClockWorld({ valid: false });
    clock.write(D, 0x80);
    expect(clock.read(D)).toBe(0);
  });

  test('the periodic flag comes at the rate of register A, and not without one', () => {
    const clock = new ClockWorld();
    clock.write(A, 0x2f); // twice a second
    clock.wait(0.49 * SECOND);
    expect(clock.read(C) & 0x40).toBe(0);
    clock.wait(0.02 * SECOND);
    expect(clock.read(C) & 0x40).toBe(0x40);
    clock.write(A, 0x20);
    clock.wait(10 * SECOND);
    expect(clock.read(C) & 0x40).toBe(0);
  });

  test('the rest is memory; the upper bit of the index is none of it', () => {
    const clock = new ClockWorld();
    clock.write(0x7f, 0x5a);
    expect(clock.read(0xff)).toBe(0x5a);
    expect(clock.read(0x0e)).toBe(0);
  });

  test('property: whatever is written, it answers with bytes', () => {
    const step = fc.record({ register: fc.nat(255), value: fc.nat(255), wait: fc.nat(2e9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new ClockWorld();
        for (const { register, value, wait } of steps) {
          clock.write(register, value);
          clock.wait(wait);
          const read = clock.read(register);
          expect(Number.isInteger(read) && read >= 0 && read <= 0xff).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
