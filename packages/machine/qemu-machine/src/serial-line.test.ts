import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { QemuTerminal } from './serial-line.ts';
import { nothingLeft, testMachine, whyNoQemu } from './test-qemu.fixture.ts';

const skip = whyNoQemu();
const COM1 = 0x3f8;

/** Somebody who types these texts at these times, in milliseconds. */
class Somebody implements QemuTerminal {
  readonly mayType = true;
  shown = '';
  isOff = false;
  readonly #texts: { readonly at: number; readonly bytes: number[] }[];

  constructor(texts: Readonly<Record<number, string>>) {
    this.#texts = Object.entries(texts).map(([at, text]) => ({
      at: Number(at) * 1e6,
      bytes: [...new TextEncoder().encode(text)],
    }));
  }

  read(now: number): number | undefined {
    while (this.#texts[0]?.bytes.length === 0) this.#texts.shift();
    const [next] = this.#texts;
    return next !== undefined && next.at <= now ? next.bytes.shift() : undefined;
  }

  show(bytes: Uint8Array): void {
    this.shown += Buffer.from(bytes).toString('latin1');
  }

  isSwitchedOff(): boolean {
    return this.isOff;
  }
}

function sitDown(texts: Readonly<Record<number, string>>) {
  const somebody = new Somebody(texts);
  const machine = testMachine({ terminal: somebody, budget: { time: 30e9 } });
  const { ports, clock } = machine.platform;
  return {
    somebody,
    machine,
    /** 115200 8N1, with FIFOs that are empty. */
    setUp: () => {
      for (const [register, value] of [
        [3, 0x83],
        [0, 1],
        [1, 0],
        [3, 3],
        [2, 7],
      ] as const) {
        ports.write8(COM1 + register, value);
      }
    },
    /** What comes until there was so much of it. */
    read: (length: number): string => {
      let text = '';
      while (text.length < length) {
        if ((ports.read8(COM1 + 5) & 1) === 0) clock.delay(1e6);
        else text += String.fromCharCode(ports.read8(COM1));
      }
      return text;
    },
  };
}

/** What an open file is; nothing if it was closed meanwhile. */
function targetOf(file: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${file}`);
  } catch {
    return '';
  }
}

function isKeyboard(path: string): boolean {
  return path.includes('console.in');
}

describe.skipIf(skip !== undefined)(`the serial port of QEMU ${skip ?? ''}`, () => {
  test('receives what is typed, from when the guest has set it up: nothing is lost', () => {
    const { machine, setUp, read } = sitDown({ 0: 'typed before' });
    using _ = machine;
    machine.platform.clock.delay(50e6);
    setUp();
    expect(read(12)).toBe('typed before');
  });

  test('takes much more than a FIFO holds', () => {
    const text = Array.from({ length: 30_000 }, (_, index) =>
      String.fromCharCode(0x20 + (index % 90)),
    ).join('');
    const { machine, setUp, read } = sitDown({ 0: text });
    using _ = machine;
    setUp();
    expect(read(3000)).toBe(text.slice(0, 3000));
  });

  test('receives a text at its time', () => {
    const { machine, setUp, read } = sitDown({ 0: 'a', 1500: 'b' });
    using _ = machine;
    setUp();
    expect(read(1)).toBe('a');
    expect(read(1)).toBe('b');
    expect(machine.platform.clock.now()).toBeGreaterThan(1500e6);
  });

  test('shows while it runs what the guest sends', () => {
    const { machine, setUp, somebody } = sitDown({});
    using _ = machine;
    setUp();
    machine.platform.ports.write8(COM1, 0x41);
    machine.platform.clock.delay(100e6);
    expect(somebody.shown).toBe('A');
    expect(machine.takeConsole()).toHaveLength(0);
  });

  test('is off when he switches the machine off', () => {
    const { machine, somebody } = sitDown({});
    using _ = machine;
    somebody.isOff = true;
    expect(() => machine.platform.clock.delay(60e9)).toThrow(
      expect.objectContaining({ kind: 'power-loss' }),
    );
  });

  test('leaves no names behind: not when it is up, and not when it never comes up', async () => {
    const terminal = new Somebody({});
    const machine = testMachine({ terminal });
    const keyboards = readdirSync('/proc/self/fd').map(targetOf).filter(isKeyboard);
    expect(keyboards).toEqual([expect.stringMatching(/ \(deleted\)$/)]);
    machine.close();
    expect(() => testMachine({ terminal, devices: [{ driver: 'no-such-device' }] })).toThrow(
      /no-such-device/,
    );
    await nothingLeft();
  });
});
