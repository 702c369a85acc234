import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PlatformFault } from '../platform-fault.ts';
import type { Platform } from '../platform.ts';
import { TerminalSignal, isTerminalSignal } from '../terminal-signal.ts';
import { HIGH, TestPlatform, caughtFrom } from '../test-platform.fixture.ts';
import { RemotePlatform } from './remote-platform.ts';
import { servePlatform } from './serve-platform.ts';

/** A machine and the firmware's view of it, with a wire between them that nothing but bytes crosses. */
function connect() {
  const machine = new TestPlatform();
  const serve = servePlatform(machine);
  const wire = { requests: 0 };
  const remote = new RemotePlatform((request) => {
    wire.requests++;
    const arrived = request.slice();
    request.fill(0xee);
    const reply = serve(arrived);
    const returned = reply.slice();
    reply.fill(0xee);
    return returned;
  });
  return { machine, remote, wire };
}

describe('guest RAM over a wire', () => {
  test.each([0x40, HIGH + 0x40])('values of every width arrive, at %i', (address) => {
    const { machine, remote } = connect();
    const { ram } = remote;
    ram.writeUint8(address, 0x81);
    ram.writeUint16(address + 2, 0x8283);
    ram.writeUint32(address + 4, 0x84858687);
    ram.writeUint64(address + 8, 0x1_2345_6789);
    ram.writeBigUint64(address + 16, 0xffff_ffff_ffff_fffen);
    expect(ram.readUint8(address)).toBe(0x81);
    expect(ram.readUint16(address + 2)).toBe(0x8283);
    expect(ram.readUint32(address + 4)).toBe(0x84858687);
    expect(ram.readBigUint64(address + 8)).toBe(0x1_2345_6789n);
    expect(ram.readBigUint64(address + 16)).toBe(0xffff_ffff_ffff_fffen);
    expect(machine.storage.readUint32(address + 4)).toBe(0x84858687);
  });

  test('bytes are moved, filled and copied', () => {
    const { machine, remote } = connect();
    remote.ram.writeBytes(0x100, Uint8Array.of(1, 2, 3, 4));
    remote.ram.copy(HIGH, 0x101, 3);
    remote.ram.fill(0x100, 2, 9);
    const bytes = new Uint8Array(4);
    remote.ram.readBytes(0x100, bytes);
    expect([...bytes]).toEqual([9, 9, 3, 4]);
    expect([0, 1, 2].map((index) => machine.storage.readUint8(HIGH + index))).toEqual([2, 3, 4]);
  });

  test('large blocks fit into a message', () => {
    const { remote } = connect();
    const block = Uint8Array.from({ length: 0x1000 }, (_, index) => index);
    remote.ram.writeBytes(0, block);
    const back = new Uint8Array(0x1000);
    remote.ram.readBytes(0, back);
    expect(back).toEqual(block);
  });

  test('reaching for RAM where there is none is a fault on this side', () => {
    const { remote } = connect();
    expect(() => remote.ram.readUint32(0x1000)).toThrow(PlatformFault);
    expect(() => remote.ram.readUint32(0x1000)).toThrow('4 bytes at 0x1000 are not in RAM');
    expect(remote.ram.readUint8(0)).toBe(0);
  });
});

describe('MMIO and ports over a wire', () => {
  test.each(['mmio', 'ports'] as const)('each access to %s is one of its width', (space) => {
    const { machine, remote } = connect();
    remote[space].write8(1, 0xff);
    remote[space].write16(2, 0xffff);
    remote[space].write32(HIGH, 0xffff_ffff);
    remote[space].write64(8, 0xffff_ffff_ffff_ffffn);
    expect(remote[space].read8(1)).toBe(0xff);
    expect(remote[space].read16(2)).toBe(0xffff);
    expect(remote[space].read32(HIGH)).toBe(0xffff_ffff);
    expect(remote[space].read64(8)).toBe(0xffff_ffff_ffff_ffffn);
    expect(machine.log).toEqual([
      'W8 1 = 255',
      'W16 2 = 65535',
      'W32 4294967296 = 4294967295',
      'W64 8 = 18446744073709551615',
      'R8 1',
      'R16 2',
      'R32 4294967296',
      'R64 8',
    ]);
  });

  test('the two spaces stay apart', () => {
    const { remote } = connect();
    remote.mmio.write8(0, 1);
    expect(remote.ports.read8(0)).toBe(0);
  });
});

describe('clock and CPU over a wire', () => {
  test('the time is the machine’s', () => {
    const { machine, remote } = connect();
    expect(remote.clock.now()).toBe(machine.cycles.now);
    remote.cycles.spend(1000);
    expect(remote.cycles.now).toBe(machine.cycles.now);
    remote.clock.delay(5000);
    expect(machine.cycles.now).toBeGreaterThanOrEqual(6000);
    expect(remote.cycles.accesses).toBe(machine.cycles.accesses);
  });

  test('a fence reaches the machine', () => {
    const { machine, remote } = connect();
    remote.cpu.fence();
    expect(machine.log).toEqual(['fence']);
  });

  test('the handler runs on this side, with interrupts disabled, which are restored after it', () => {
    const { machine, remote } = connect();
    const states: boolean[] = [];
    remote.cpu.setInterruptHandler(() => states.push(machine.interruptsEnabled));
    expect(remote.cpu.setInterruptState(true)).toBe(false);
    remote.clock.setAlarm(machine.cycles.now);
    remote.ram.readUint8(0);
    expect(states).toEqual([false]);
    expect(machine.interruptsEnabled).toBe(true);
  });

  test('an access returns its own value, whatever the handler did meanwhile', () => {
    const { machine, remote } = connect();
    remote.ram.writeUint8(1, 0x55);
    remote.cpu.setInterruptHandler(() => remote.ram.writeUint8(1, 0xaa));
    remote.cpu.setInterruptState(true);
    remote.clock.setAlarm(machine.cycles.now + 30);
    expect([remote.ram.readUint8(1), remote.ram.readUint8(1)]).toEqual([0x55, 0xaa]);
  });

  test('an interrupt that comes with disabling leaves them disabled', () => {
    const { machine, remote } = connect();
    let taken = 0;
    remote.cpu.setInterruptHandler(() => taken++);
    remote.cpu.setInterruptState(true);
    remote.clock.setAlarm(machine.cycles.now + 30);
    expect(remote.cpu.setInterruptState(false)).toBe(true);
    expect(taken).toBe(1);
    expect(machine.interruptsEnabled).toBe(false);
  });

  test('a handler can set the next alarm: no tick of a long delay is lost', () => {
    const { machine, remote } = connect();
    const ticks: number[] = [];
    remote.cpu.setInterruptHandler(() => {
      ticks.push(Math.floor(machine.cycles.now / 10_000));
      remote.clock.setAlarm(10_000 * (ticks.length + 1));
    });
    remote.cpu.setInterruptState(true);
    remote.clock.setAlarm(10_000);
    remote.clock.delay(95_000);
    expect(ticks).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(machine.cycles.now).toBeGreaterThanOrEqual(95_000);
    expect(machine.cycles.now).toBeLessThan(99_000);
  });

  test('an alarm while interrupts are disabled waits, and does not cut a delay short', () => {
    const { machine, remote } = connect();
    let taken = 0;
    remote.cpu.setInterruptHandler(() => taken++);
    remote.clock.setAlarm(1000);
    remote.clock.delay(50_000);
    expect(machine.cycles.now).toBeGreaterThanOrEqual(50_000);
    expect(taken).toBe(0);
    remote.cpu.setInterruptState(true);
    expect(taken).toBe(1);
  });

  test('handlers can be nested', () => {
    const { machine, remote } = connect();
    const log: string[] = [];
    remote.cpu.setInterruptHandler(() => {
      const depth = log.length;
      log.push(`enter ${depth}`);
      if (depth === 0) {
        remote.clock.setAlarm(machine.cycles.now);
        remote.cpu.setInterruptState(true);
      }
      log.push(`leave ${depth}`);
    });
    remote.cpu.setInterruptState(true);
    remote.clock.setAlarm(machine.cycles.now);
    remote.cpu.fence();
    expect(log).toEqual(['enter 0', 'enter 1', 'leave 1', 'leave 0']);
    expect(machine.interruptsEnabled).toBe(true);
  });

  test('sleeping ends with the alarm', () => {
    const { machine, remote } = connect();
    let taken = 0;
    remote.cpu.setInterruptHandler(() => taken++);
    remote.cpu.setInterruptState(true);
    remote.clock.setAlarm(1e9);
    remote.cpu.sleep();
    expect(taken).toBe(1);
    expect(machine.cycles.now).toBeGreaterThanOrEqual(1e9);
  });

  test('a disarmed alarm, and one without a handler, do not come', () => {
    const { remote } = connect();
    let taken = 0;
    remote.cpu.setInterruptHandler(() => taken++);
    remote.cpu.setInterruptState(true);
    remote.clock.setAlarm(1e6);
    remote.clock.setAlarm(undefined);
    remote.clock.delay(1e7);
    remote.cpu.setInterruptHandler(undefined);
    remote.clock.setAlarm(2e7);
    remote.clock.delay(1e8);
    expect(taken).toBe(0);
  });
});

describe('the end of a world over a wire', () => {
  const uses = (remote: Platform) => [
    () => remote.ram.readUint8(0),
    () => remote.ram.writeBytes(0, new Uint8Array(1)),
    () => remote.mmio.read32(0),
    () => remote.ports.write8(0, 0),
    () => remote.clock.now(),
    () => remote.clock.delay(10),
    () => remote.cpu.fence(),
    () => remote.cpu.sleep(),
    () => remote.cpu.setInterruptState(false),
    () => remote.cycles.spend(10),
    () => remote.reset('EfiResetCold', 'again'),
    () => remote.end(new TerminalSignal('asserted', 'again')),
  ];

  test('a reset crosses, and every later access raises the same signal without a request', () => {
    const { remote, wire } = connect();
    const signal = caughtFrom(() => remote.reset('EfiResetWarm', 'by request'));
    expect(isTerminalSignal(signal)).toBe(true);
    expect(signal).toMatchObject({
      kind: 'reset',
      message: 'by request',
      details: { type: 'EfiResetWarm' },
    });
    const { requests } = wire;
    for (const use of uses(remote)) expect(caughtFrom(use)).toBe(signal);
    expect(wire.requests).toBe(requests);
  });

  test('so does an end that firmware asks for, with its details and any characters', () => {
    const { remote } = connect();
    const signal = new TerminalSignal('handed-over', 'żółw → 🐢\0', { entry: 1, real: true });
    expect(caughtFrom(() => remote.end(signal))).toEqual(signal);
  });

  test('so does an end that comes from the machine', () => {
    const { machine, remote } = connect();
    const signal = new TerminalSignal('power-loss', 'the plug was pulled');
    caughtFrom(() => machine.end(signal));
    for (const use of uses(remote)) expect(caughtFrom(use)).toEqual(signal);
  });
});

test('the HOBs are a copy of the machine’s', () => {
  const { machine, remote } = connect();
  expect(remote.hobs).toEqual(machine.hobs);
  expect(remote.hobs).not.toBe(machine.hobs);
});

test('a bug of the machine stays a bug of the machine', () => {
  const machine = new TestPlatform();
  machine.log.push = () => {
    throw new TypeError('broken model');
  };
  const remote = new RemotePlatform(servePlatform(machine));
  expect(() => remote.cpu.fence()).toThrow(TypeError);
});

describe('the far end refuses what no RemotePlatform sends', () => {
  test.each([
    ['nothing', []],
    ['a request that is unknown', [0xff, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['an unknown request for RAM', [0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['an unknown request for ports', [0x28, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['half an address', [0x10, 0, 0]],
    ['bytes that are fewer than announced', [0x17, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1]],
  ])('%s', (_, request) => {
    const serve = servePlatform(new TestPlatform());
    expect(() => serve(Uint8Array.from(request))).toThrow(RangeError);
  });
});

describe('whatever firmware does', () => {
  interface Step {
    readonly address: number;
    readonly other: number;
    readonly width: number;
    readonly length: number;
    readonly value: number;
  }
  const narrow = ({ value, width }: Step): number => value % 2 ** (8 * 2 ** width);

  const moveOn = (space: 'mmio' | 'ports', platform: Platform, step: Step): unknown => {
    const { address, other, width } = step;
    const [io, value] = [platform[space], narrow(step)];
    if (width === 0) return [io.write8(address, value), io.read8(other)];
    if (width === 1) return [io.write16(address, value), io.read16(other)];
    if (width === 2) return [io.write32(address, value), io.read32(other)];
    return [io.write64(address, BigInt(value)), io.read64(other)];
  };
  const actions: Record<string, (platform: Platform, step: Step) => unknown> = {
    read: ({ ram }, { address, width }) =>
      [
        () => ram.readUint8(address),
        () => ram.readUint16(address),
        () => ram.readUint32(address),
        () => ram.readBigUint64(address),
      ][width]?.(),
    write: ({ ram }, step) =>
      [
        () => ram.writeUint8(step.address, narrow(step)),
        () => ram.writeUint16(step.address, narrow(step)),
        () => ram.writeUint32(step.address, step.value),
        () => ram.writeUint64(step.address, step.value),
      ][step.width]?.(),
    bytes: ({ ram }, { address, other, length, value }) => {
      const bytes = new Uint8Array(length).fill(value);
      ram.writeBytes(address, bytes);
      ram.readBytes(other, bytes);
      return bytes;
    },
    fill: ({ ram }, { address, length, value }) => ram.fill(address, length, value & 0xff),
    copy: ({ ram }, { address, other, length }) => ram.copy(address, other, length),
    delay: ({ clock }, { value }) => clock.delay(value),
    mmio: (platform, step) => moveOn('mmio', platform, step),
    ports: (platform, step) => moveOn('ports', platform, step),
  };
  const address = fc.oneof(
    fc.nat(0x1010),
    fc.nat(0x1010).map((offset) => HIGH + offset),
  );
  const step = fc.record({
    action: fc.constantFrom(...Object.keys(actions)),
    address,
    other: address,
    width: fc.nat(3),
    length: fc.nat(32),
    value: fc.nat(0xffff_ffff),
  });

  test('it finds the same as on the machine itself', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { machine, remote } = connect();
        const local = new TestPlatform();
        const outcome = (platform: Platform, one: Step & { action: string }): unknown => {
          try {
            return actions[one.action]?.(platform, one);
          } catch (caught) {
            if (caught instanceof PlatformFault) return caught.message;
            throw caught;
          }
        };
        for (const one of steps) expect(outcome(remote, one)).toEqual(outcome(local, one));
        const bytes = ({ storage }: TestPlatform): string[] =>
          storage.ranges.map((range) => range.bytes.join());
        expect(bytes(machine)).toEqual(bytes(local));
        expect(machine.log).toEqual(local.log);
      }),
    );
  });
});
