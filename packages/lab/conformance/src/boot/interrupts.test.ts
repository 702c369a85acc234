import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EfiBlockIo } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  convertDevicePathToText,
  defineProtocol,
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EVT_NOTIFY_SIGNAL,
  EVT_TIMER,
  TPL_CALLBACK,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { BootWorldOptions } from './boot-world.fixture.ts';
import { BootWorld, virtioDisk } from './boot-world.fixture.ts';
import type { Running } from './programs.fixture.ts';
import { application, bootOsPatiently, driver, KERNEL_TEXT, osLoader } from './programs.fixture.ts';

const Tick = defineProtocol<number>('Tick', '22222222-3333-4444-8555-666666666666');
const SECTORS = 256;
const TYPE = EVT_TIMER | EVT_NOTIFY_SIGNAL;

/** A disk whose every sector is filled with its number. */
const NUMBERED = Uint8Array.from({ length: SECTORS * 512 }, (_, at) => at >> 9);

/** The numbered disk, which stands in slot 03.0. */
function numberedDisk({ bs }: Running): EfiBlockIo {
  for (const handle of bs.locateHandleBuffer({ type: 'ByProtocol', protocol: BlockIoProtocol })) {
    const path = convertDevicePathToText(bs.handleProtocol(handle, DevicePathProtocol));
    if (path === 'PciRoot(0x0)/Pci(0x3,0x0)') return bs.handleProtocol(handle, BlockIoProtocol);
  }
  throw new TypeError('there is no disk in slot 03.0');
}

/** What a read of these sectors brings: their numbers, if all bytes of each are right. */
function read(disk: EfiBlockIo, sector: number, count = 1): readonly (number | undefined)[] {
  const buffer = new Uint8Array(count * 512);
  disk.readBlocks(disk.media.mediaId, sector, buffer);
  return Array.from({ length: count }, (_, index) => {
    const block = buffer.subarray(index * 512, (index + 1) * 512);
    return block.every((byte) => byte === block[0]) ? block[0] : undefined;
  });
}

/** A loader at work, and the virtual time of its machine, in nanoseconds. */
type Timed = Running & { readonly now: () => number };

/** Boots to a loader that does this and then boots its operating system. */
function boot(options: BootWorldOptions, latency: number, body: (running: Timed) => void): void {
  const standIn = application((running) => {
    body({ ...running, now: () => world.machine.platform.cycles.now });
    bootOsPatiently(running);
  });
  const slots = {
    '02.0': virtioDisk(undefined, { latency }),
    '03.0': virtioDisk(NUMBERED, { latency }),
  };
  const world: BootWorld = new BootWorld({ standIn, slots, ...options });
  world.bootTo('boot-services-exited');
  expect(world.console).toBe(KERNEL_TEXT);
  expect(world.findings).toEqual([]);
}

/**
 * Does something again and again, each time with a timer that fires 20 ns later after its beginning:
 * so an interrupt comes before each of its accesses in turn.
 * @param duration of what is done, in nanoseconds
 */
function interruptEverywhere(
  { bs, libraries, now }: Timed,
  tick: number,
  duration: number,
  notify: () => void,
  act: () => void,
): void {
  const timer = bs.createEvent(TYPE, TPL_CALLBACK, notify, undefined);
  for (let after = 0; after < duration; after += 20) {
    // Due when the timer is looked at: in the middle of the next tick but one.
    const due = (Math.floor(now() / tick) + 2) * tick;
    bs.setTimer(timer, 'TimerRelative', Math.floor((due - now()) / 100));
    bs.stall(Math.floor((due - duration - 1000 - now()) / 1000));
    while (now() < due - after) libraries.ram.readUint8(0x1000);
    act();
    bs.stall((2 * tick) / 1000);
  }
}

describe.each(PROFILES)(
  'a read that is interrupted before any of its accesses (UEFI §7.1), %s',
  (profile) => {
    // EDK II looks at its timers every 10 ms; the specification knows no such tick.
    const tick = profile === 'edk2' ? 10_000_000 : 100_000;

    test.each([0, 2_000])(
      'by a read of the same disk at TPL_CALLBACK, with a latency of %i ns',
      (latency) => {
        const outer: unknown[] = [];
        const inner: unknown[] = [];
        let during = 0;
        boot({ profile }, latency, (running) => {
          const { now } = running;
          const disk = numberedDisk(running);
          const begin = now();
          read(disk, 0);
          let reading = false;
          const notify = (): void => {
            if (reading) during++;
            inner.push(...read(disk, 200));
          };
          interruptEverywhere(running, tick, now() - begin + 500, notify, () => {
            reading = true;
            outer.push(...read(disk, outer.length % 100));
            reading = false;
          });
        });
        expect(during).toBeGreaterThan(30);
        expect(outer).toEqual(Array.from({ length: outer.length }, (_, index) => index % 100));
        expect(inner).toEqual(Array(outer.length).fill(200));
      },
    );
  },
);

/** A periodic timer: its period is what its notification takes, and so much more, in units of 100 ns. */
const timer = fc.record({
  tpl: fc.constantFrom(TPL_CALLBACK, TPL_NOTIFY),
  pause: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 200, max: 50_000 })),
});
/** How long disks take, in nanoseconds. */
const latency = fc.constantFrom(0, 1_000, 70_000);

describe.each(PROFILES)('reads while timers tick, %s', (profile) => {
  test('bring what is on the disk, whatever the periods', () => {
    fc.assert(
      fc.property(fc.array(timer, { minLength: 1, maxLength: 3 }), latency, (timers, delay) => {
        const ticks = timers.map(() => 0);
        const within: unknown[] = [];
        boot({ profile }, delay, (running) => {
          const { bs } = running;
          const disk = numberedDisk(running);
          for (const [index, { tpl, pause }] of timers.entries()) {
            const tick = (): void => {
              ticks[index] = (ticks[index] ?? 0) + 1;
              bs.freePool(bs.allocatePool('EfiBootServicesData', 100));
              // BlockIo may be called up to TPL_CALLBACK (UEFI §7.1, Table 7.2).
              if (tpl === TPL_CALLBACK) within.push(read(disk, 77, 3));
            };
            // With less there would be time for nothing else: as many reads as there are timers.
            const period = pause + (tpl === TPL_CALLBACK ? 500 + (3 * delay * 3) / 100 : 100);
            bs.setTimer(bs.createEvent(TYPE, tpl, tick, undefined), 'TimerPeriodic', period);
          }
          for (let sector = 0; sector < 70; sector += 7) {
            expect(read(disk, sector, 2)).toEqual([sector, sector + 1]);
          }
          bs.stall(15_000);
        });
        expect(Math.min(...ticks)).toBeGreaterThan(0);
        expect(within.every((numbers) => String(numbers) === '77,78,79')).toBe(true);
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

/** A driver whose timer ticks from its dispatch on, and whose notification uses what it may (Table 7.2). */
function ticker(tpl: number, period: number, ticks: { count: number }): DxeModule {
  return driver(({ bs, imageHandle }) => {
    const tick = (): void => {
      ticks.count++;
      bs.freePool(bs.allocatePool('EfiBootServicesData', 100 + (ticks.count % 5000)));
      const handle = bs.installProtocolInterface(undefined, Tick, ticks.count);
      bs.locateHandleBuffer({ type: 'ByProtocol', protocol: Tick });
      bs.openProtocol(handle, Tick, imageHandle, undefined, EFI_OPEN_PROTOCOL_GET_PROTOCOL);
      bs.closeEvent(bs.createEvent(0));
      bs.uninstallProtocolInterface(handle, Tick, ticks.count);
    };
    bs.setTimer(bs.createEvent(TYPE, tpl, tick, undefined), 'TimerPeriodic', period);
  });
}

describe.each(PROFILES)('a boot while a driver has a timer that ticks, %s', (profile) => {
  const slots = (delay: number) => ({ '02.0': virtioDisk(undefined, { latency: delay }) });
  const quiet = new BootWorld({ profile, standIn: osLoader, slots: slots(0) });
  quiet.bootTo('boot-services-exited');

  test('ends as without, whatever the period', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(TPL_CALLBACK, TPL_NOTIFY),
        // From 3 to 20 µs, in units of 100 ns: such a boot takes some 70 µs.
        fc.integer({ min: 30, max: 200 }),
        latency,
        (tpl, period, delay) => {
          const ticks = { count: 0 };
          const world = new BootWorld({
            profile,
            // EDK II's own timer, of 10 ms, would not tick once in such a boot.
            quirks: { 'DxeCore.TimerTick': false },
            slots: slots(delay),
            drivers: [ticker(tpl, period, ticks)],
            standIn: application(bootOsPatiently),
          });
          world.bootTo('boot-services-exited');
          expect(ticks.count).toBeGreaterThan(0);
          expect(world.console).toBe(KERNEL_TEXT);
          expect(world.deviceTree).toEqual(quiet.deviceTree);
          expect(world.attempts).toEqual([]);
          expect(world.findings).toEqual([]);
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);
});
