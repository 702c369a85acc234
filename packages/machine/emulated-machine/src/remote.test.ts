import { RemotePlatform, isTerminalSignal, servePlatform, tracePlatform } from '@dxelab/platform';
import type { Platform } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { DebugConsole } from './devices/debug-console.ts';
import { createEmulatedMachine } from './emulated-machine.ts';

/** A firmware in small: it ticks, prints, moves memory, waits, and hangs in the end. */
function run(platform: Platform): unknown[] {
  const { ram, ports, clock, cpu } = platform;
  const log: unknown[] = [platform.hobs];
  let ticks = 0;
  cpu.setInterruptHandler(() => {
    ticks++;
    ram.writeUint32(0x2000, ticks);
    clock.setAlarm(10e6 * (ticks + 1));
  });
  clock.setAlarm(10e6);
  cpu.setInterruptState(true);
  clock.delay(95e6);
  log.push(ram.readUint32(0x2000));
  cpu.sleep();
  log.push(ram.readUint32(0x2000));
  for (const byte of [0x68, 0x69]) ports.write8(0x402, byte);
  log.push(ports.read8(0x402));
  ram.copy(0x3000, 0x2000, 4);
  log.push(ram.readUint32(0x3000));
  cpu.setInterruptState(false);
  clock.setAlarm(clock.now());
  clock.delay(50e6);
  log.push(ram.readUint32(0x2000), cpu.setInterruptState(true), ram.readUint32(0x2000));
  try {
    for (;;) ports.read8(0x402);
  } catch (caught) {
    log.push(isTerminalSignal(caught) && caught.kind);
  }
  return log;
}

function createMachine(sent: number[]): Platform {
  return createEmulatedMachine({
    memory: 0x10_0000,
    devices: [new DebugConsole((byte) => sent.push(byte))],
    budget: { accesses: 5000 },
  }).platform;
}

describe('the same firmware', () => {
  const direct: number[] = [];
  const expected = run(createMachine(direct));

  test('runs directly', () => {
    expect(expected.slice(1)).toEqual([9, 10, 0xe9, 10, 10, false, 15, 'budget-spent']);
    expect(direct).toEqual([0x68, 0x69]);
  });

  test('runs through a wire that nothing but bytes crosses', () => {
    const sent: number[] = [];
    const serve = servePlatform(createMachine(sent));
    const remote = new RemotePlatform((request) => serve(request.slice()).slice());
    expect(run(remote)).toEqual(expected);
    expect(sent).toEqual(direct);
  });

  test('runs while all its accesses are traced, and takes no other time', () => {
    const sent: number[] = [];
    const machine = createMachine(sent);
    let events = 0;
    expect(run(tracePlatform(machine, () => events++))).toEqual(expected);
    expect(events).toBeGreaterThan(1000);
    const untraced = createMachine([]);
    run(untraced);
    expect(machine.cycles).toMatchObject({
      now: untraced.cycles.now,
      accesses: untraced.cycles.accesses,
    });
  });
});
