import { createEmulatedMachine, Mc146818 } from '@dxelab/emulated-machine';
import type { AddressSpace } from '@dxelab/platform';
import type { EfiTime } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { efiTime, textOf } from '../pcat-real-time-clock-runtime-dxe/clock-world.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const NOON = Date.UTC(2026, 10, 21, 12, 0, 0) / 1000;
const MACHINES = ['q35', 'pc', 'microvm'] as const;

/** What a clock does with a calendar that is written to it: its registers afterwards, but for the seconds. */
function written(ports: AddressSpace, format: number, date: Date): readonly number[] {
  const read = (register: number): number => {
    ports.write8(0x70, register);
    return ports.read8(0x71);
  };
  const write = (register: number, value: number): void => {
    ports.write8(0x70, register);
    ports.write8(0x71, value);
  };
  const bcd = (value: number): number =>
    (format & 4) !== 0 ? value : Math.floor(value / 10) * 16 + (value % 10);
  const hours = date.getUTCHours();
  const half = bcd(hours % 12 || 12) | (hours >= 12 ? 0x80 : 0);
  write(0x0a, 0x26);
  write(0x0b, 0x80 | format);
  write(0x00, bcd(date.getUTCSeconds()));
  write(0x02, bcd(date.getUTCMinutes()));
  write(0x04, (format & 2) !== 0 ? bcd(hours) : half);
  write(0x07, bcd(date.getUTCDate()));
  write(0x08, bcd(date.getUTCMonth() + 1));
  write(0x09, bcd(date.getUTCFullYear() % 100));
  write(0x32, bcd(Math.floor(date.getUTCFullYear() / 100)));
  write(0x0b, format);
  return [0x32, 0x09, 0x08, 0x07, 0x06, 0x04, 0x02, 0x0a, 0x0b, 0x0d].map((register) =>
    register === 0x0a ? read(register) & 0x7f : read(register),
  );
}

describe.skipIf(skip !== undefined)(`QEMU's own real-time clock (UEFI §8.3) ${skip ?? ''}`, () => {
  describe.for(PROFILES)('%s', (profile) => {
    test.for(MACHINES)('%s: shows the time that it was told, and goes on', (machine) => {
      using world = new QemuWorld({ profile, machine, time: NOON });
      world.core.dispatch();
      const { runtimeServices: rt } = world.core.systemTable;
      const before = rt.getTime().time;
      expect(textOf(before)).toMatch(/^2026-11-21 12:00:0\d$/);
      world.bs.stall(2_100_000);
      expect(secondsOf(rt.getTime().time) - secondsOf(before)).toBeGreaterThanOrEqual(2);
    });

    test('is set, with its century, and survives ExitBootServices', () => {
      using world = new QemuWorld({ profile });
      world.core.dispatch();
      const { runtimeServices: rt } = world.core.systemTable;
      rt.setTime(efiTime('2031-12-31 23:58:00', { timeZone: -60, daylight: 1 }));
      world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
      const { time } = rt.getTime();
      expect(textOf(time)).toMatch(/^2031-12-31 23:58:0\d$/);
      expect(time).toMatchObject({ timeZone: -60, daylight: 1 });
    });

    test('rings: the wake-up time is pending when it has come', () => {
      using world = new QemuWorld({ profile, time: NOON });
      world.core.dispatch();
      const { runtimeServices: rt } = world.core.systemTable;
      const now = rt.getTime().time;
      rt.getWakeupTime();
      rt.setWakeupTime(true, { ...now, second: now.second + 2 });
      expect(rt.getWakeupTime()).toMatchObject({ enabled: true, pending: false });
      world.bs.stall(3_100_000);
      expect(rt.getWakeupTime()).toMatchObject({ enabled: true, pending: true });
      expect(rt.getWakeupTime()).toMatchObject({ enabled: true, pending: false });
    });
  });

  test('ours and theirs show the same calendar in each of the four formats', () => {
    using world = new QemuWorld();
    const ours = createEmulatedMachine({ memory: 0x10_0000, devices: [new Mc146818()] });
    const date = fc.date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('2199-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, fc.constantFrom(0, 2, 4, 6), (moment, format) => {
        // seconds go on while registers are read
        moment.setUTCSeconds(moment.getUTCSeconds() % 50);
        const theirs = written(world.machine.platform.ports, format, moment);
        expect(written(ours.platform.ports, format, moment)).toEqual(theirs);
      }),
    );
  });
});

function secondsOf({ hour, minute, second }: EfiTime): number {
  return (hour * 60 + minute) * 60 + second;
}
