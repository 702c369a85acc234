import { describe, expect, test } from 'vitest';
import { TerminalSignal } from '../terminal-signal.ts';
import { HIGH, TestPlatform, caughtFrom } from '../test-platform.fixture.ts';
import { tracePlatform } from './trace-platform.ts';

function createTraced() {
  const machine = new TestPlatform();
  const events: unknown[][] = [];
  const platform = tracePlatform(machine, (name, fields) => events.push([name, fields]));
  return { machine, platform, events };
}

describe('a traced platform', () => {
  test('shows every access to RAM, wherever it lies', () => {
    const { platform, events, machine } = createTraced();
    platform.ram.writeUint8(1, 0x11);
    platform.ram.writeUint16(2, 0x2222);
    platform.ram.writeUint32(HIGH, 0x33333333);
    platform.ram.readUint8(1);
    platform.ram.readUint16(2);
    platform.ram.readUint32(HIGH);
    expect(machine.storage.readUint32(HIGH)).toBe(0x33333333);
    expect(events).toEqual([
      ['waist_ram_write', { address: 1, size: 1, value: 0x11 }],
      ['waist_ram_write', { address: 2, size: 2, value: 0x2222 }],
      ['waist_ram_write', { address: HIGH, size: 4, value: 0x33333333 }],
      ['waist_ram_read', { address: 1, size: 1, value: 0x11 }],
      ['waist_ram_read', { address: 2, size: 2, value: 0x2222 }],
      ['waist_ram_read', { address: HIGH, size: 4, value: 0x33333333 }],
    ]);
  });

  test('shows blocks by where they lie, not by their bytes', () => {
    const { platform, events } = createTraced();
    const block = new Uint8Array(3);
    platform.ram.writeBytes(0x10, Uint8Array.of(1, 2, 3));
    platform.ram.copy(0x20, 0x10, 3);
    platform.ram.fill(0x30, 4, 7);
    platform.ram.readBytes(0x20, block);
    expect([...block]).toEqual([1, 2, 3]);
    expect(events).toEqual([
      ['waist_ram_write_bytes', { address: 0x10, length: 3 }],
      ['waist_ram_copy', { address: 0x20, source: 0x10, length: 3 }],
      ['waist_ram_fill', { address: 0x30, length: 4, value: 7 }],
      ['waist_ram_read_bytes', { address: 0x20, length: 3 }],
    ]);
  });

  test.each([
    ['mmio', 'waist_mmio'],
    ['ports', 'waist_port'],
  ] as const)('shows every access to %s', (space, event) => {
    const { platform, events } = createTraced();
    platform[space].write8(1, 1);
    platform[space].write16(2, 2);
    platform[space].write32(4, 3);
    platform[space].write64(8, 4n);
    expect(platform[space].read8(1)).toBe(1);
    expect(platform[space].read16(2)).toBe(2);
    expect(platform[space].read32(4)).toBe(3);
    expect(platform[space].read64(8)).toBe(4n);
    const accesses = [
      { address: 1, size: 1, value: 1 },
      { address: 2, size: 2, value: 2 },
      { address: 4, size: 4, value: 3 },
      { address: 8, size: 8, value: 4n },
    ];
    expect(events).toEqual([
      ...accesses.map((access) => [`${event}_write`, access]),
      ...accesses.map((access) => [`${event}_read`, access]),
    ]);
  });

  test('shows interrupts, and what is done to clock and CPU', () => {
    const { platform, events } = createTraced();
    platform.cpu.setInterruptHandler(() => platform.cpu.fence());
    platform.clock.setAlarm(1e6);
    platform.cpu.setInterruptState(true);
    platform.cpu.sleep();
    platform.cpu.setInterruptHandler(undefined);
    platform.clock.delay(10);
    expect(platform.clock.now()).toBeGreaterThan(1e6);
    expect(events).toEqual([
      ['waist_set_alarm', { time: 1e6 }],
      ['waist_interrupt_state', { enabled: true }],
      ['waist_sleep', {}],
      ['waist_interrupt_enter', {}],
      ['waist_fence', {}],
      ['waist_interrupt_leave', {}],
      ['waist_delay', { nanoseconds: 10 }],
    ]);
  });

  test('shows how the world ends', () => {
    const { platform, events } = createTraced();
    const signal = caughtFrom(() => platform.reset('EfiResetCold', 'by request'));
    expect(caughtFrom(() => platform.end(new TerminalSignal('asserted', 'too late')))).toBe(signal);
    expect(events).toEqual([
      ['waist_reset', { type: 'EfiResetCold', message: 'by request' }],
      ['waist_end', { kind: 'asserted', message: 'too late' }],
    ]);
  });

  test('is the same machine at the same time: tracing costs none', () => {
    const plain = new TestPlatform();
    const { machine, platform } = createTraced();
    for (const one of [plain, platform]) {
      one.ram.writeUint32(0, 1);
      one.ram.readBigUint64(0);
      one.mmio.read64(0);
      one.clock.delay(100);
      one.cycles.spend(10);
    }
    expect(machine.cycles.now).toBe(plain.cycles.now);
    expect(machine.cycles.accesses).toBe(plain.cycles.accesses);
    expect(platform.hobs).toBe(machine.hobs);
  });
});
