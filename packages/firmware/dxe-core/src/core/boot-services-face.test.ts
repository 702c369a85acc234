import { isTerminalSignal } from '@dxelab/platform';
import type { EfiBootServices, EfiSystemTable } from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES,
  EFI_EVENT_GROUP_EXIT_BOOT_SERVICES,
  EVT_NOTIFY_SIGNAL,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EVT_TIMER,
  TPL_CALLBACK,
  TPL_NOTIFY,
  guid,
} from '@dxelab/uefi';
import type { HardwareLibraries } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { buildPe } from '../image/pe-builder.fixture.ts';
import { BootServicesEnded } from './boot-services-ended.ts';
import { CoreWorld, endOf, module, silentConsole, statusOf } from './core-world.fixture.ts';
import { createDxeCore } from './dxe-core.ts';

const TABLE = guid('12345678-1234-1234-1234-123456789abc');

describe('the system table (UEFI §4.3)', () => {
  test('has the revision of its profile', () => {
    const revision = (profile: 'specification' | 'edk2') =>
      new CoreWorld(profile).core.systemTable.revision;
    expect(revision('specification')).toBe((2 << 16) + 110);
    expect(revision('edk2')).toBe((2 << 16) + 70);
  });

  test('the consoles are shared by all faces', () => {
    const tables: EfiSystemTable[] = [];
    const world = new CoreWorld('specification', [
      module('ConsoleDxe', (_bs, handle, table) => {
        tables.push(table);
        table.conOut = silentConsole();
        table.consoleOutHandle = handle;
      }),
    ]);
    world.core.dispatch();
    expect(tables[0]).not.toBe(world.core.systemTable);
    expect(world.core.systemTable.conOut).toBe(tables[0]?.conOut);
    expect(world.core.systemTable.consoleOutHandle).toBe(tables[0]?.consoleOutHandle);
  });

  test('ResetSystem ends the world, and says who did it', () => {
    const { core } = new CoreWorld();
    const reset = () => core.systemTable.runtimeServices.resetSystem('EfiResetCold', 'EFI_SUCCESS');
    const end = endOf(reset);
    expect(end?.kind).toBe('reset');
    expect(end?.message).toMatch(/lab called ResetSystem\(EfiResetCold\)/);
  });
});

describe('what a module is given', () => {
  test('only one that asks for the hardware gets the platform', () => {
    const given: Record<string, boolean> = {};
    const { platform } = new CoreWorld();
    const plain = module('PlainDxe', (_bs, _handle, _table, libraries) => {
      given['plain'] = 'platform' in libraries;
    });
    const core = createDxeCore(platform, {
      modules: [
        plain,
        {
          ...plain,
          name: 'HardDxe',
          fileGuid: TABLE,
          hardware: true,
          entryPoint: (_handle, _table, libraries: HardwareLibraries) => {
            given['hard'] = libraries.platform === platform;
            libraries.memoryFence();
          },
        },
      ],
      quirks: new CoreWorld().quirks,
    });
    core.dispatch();
    expect(given).toEqual({ plain: false, hard: true });
  });

  test('DEBUG carries the name of the module and the time', () => {
    const world = new CoreWorld('specification', [
      module('TalkDxe', (_bs, _handle, _table, { debug }) => debug.debug(0x40, 'hello')),
    ]);
    world.core.dispatch();
    expect(world.debugged).toContain('TalkDxe: hello');
  });
});

describe.each(PROFILES)('the face of the boot services (%s)', (profile) => {
  test('every service costs virtual time', () => {
    const { bs, platform } = new CoreWorld(profile);
    const before = platform.cycles.now;
    bs.restoreTpl(bs.raiseTpl(TPL_NOTIFY));
    expect(platform.cycles.now - before).toBe(200);
  });

  test('Stall passes time at the TPL of its caller, and events come according to it (UEFI §7.5)', () => {
    const { bs, platform } = new CoreWorld(profile);
    const fired: string[] = [];
    for (const [name, tpl] of [
      ['callback', TPL_CALLBACK],
      ['notify', TPL_NOTIFY],
    ] as const) {
      const type = EVT_TIMER + EVT_NOTIFY_SIGNAL;
      const event = bs.createEvent(type, tpl, () => fired.push(name), null);
      bs.setTimer(event, 'TimerRelative', 100_000);
    }
    const before = platform.cycles.now;
    const tpl = bs.raiseTpl(TPL_CALLBACK);
    bs.stall(30_000);
    expect(platform.cycles.now - before).toBeGreaterThanOrEqual(30_000_000);
    expect(fired).toEqual(['notify']);
    bs.restoreTpl(tpl);
    expect(fired).toEqual(['notify', 'callback']);
  });

  test('CalculateCrc32 (UEFI §7.5)', () => {
    const { bs } = new CoreWorld(profile);
    expect(bs.calculateCrc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(statusOf(() => bs.calculateCrc32(new Uint8Array(0)))).toBe('EFI_INVALID_PARAMETER');
  });

  test('InstallConfigurationTable adds, replaces, removes, and signals (UEFI §7.5)', () => {
    const { bs, core } = new CoreWorld(profile);
    let signals = 0;
    bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, () => signals++, null, TABLE);
    expect(statusOf(() => bs.installConfigurationTable(TABLE, undefined))).toBe('EFI_NOT_FOUND');
    bs.installConfigurationTable(TABLE, 'one');
    bs.installConfigurationTable(TABLE, 'two');
    expect(core.systemTable.configurationTable.get(TABLE)).toBe('two');
    bs.installConfigurationTable(TABLE, null);
    expect(core.systemTable.configurationTable.has(TABLE)).toBe(false);
    expect(signals).toBe(3);
  });

  test('after the end of the world every service raises the same signal', () => {
    const { bs, core } = new CoreWorld(profile);
    const end = endOf(() =>
      core.systemTable.runtimeServices.resetSystem('EfiResetShutdown', 'EFI_SUCCESS'),
    );
    expect(endOf(() => bs.restoreTpl(bs.raiseTpl(TPL_NOTIFY)))).toBe(end);
    expect(endOf(() => bs.allocatePool('EfiLoaderData', 1))).toBe(end);
  });
});

describe.each(PROFILES)('ExitBootServices (UEFI §7.4.6), %s', (profile) => {
  /** Notes the order in which the groups are notified. */
  const noting = (bs: EfiBootServices, log: string[]) => {
    const note = (name: string) => () => log.push(name);
    const group = EFI_EVENT_GROUP_EXIT_BOOT_SERVICES;
    bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, note('exit'), null, group);
    bs.createEvent(EVT_SIGNAL_EXIT_BOOT_SERVICES, TPL_NOTIFY, note('exit of 1.10'), null);
    const before = EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES;
    bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, note('before'), null, before);
  };

  test('with the key of the present map ends boot services', () => {
    const { bs, core, platform } = new CoreWorld(profile);
    const log: string[] = [];
    noting(bs, log);
    const console = silentConsole();
    Object.assign(core.systemTable, { conOut: console, stdErr: console });
    expect(core.systemTable.conOut).toBe(console);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(log).toEqual(['before', 'exit of 1.10', 'exit']);
    expect(core.bootServicesEndedBy).toBe('lab');
    expect(core.systemTable.conOut).toBeUndefined();
    expect(core.systemTable.stdErr).toBeUndefined();
    expect(platform.interrupts).toBe(false);
  });

  test('a service called through a kept reference is an error, and no status', () => {
    const { bs, core } = new CoreWorld(profile);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(() => bs.getMemoryMap()).toThrow(BootServicesEnded);
    expect(() => core.systemTable.bootServices.stall(1)).toThrow(
      'lab called Stall after lab had ended boot services',
    );
  });

  test('the runtime services go on', () => {
    const { bs, core } = new CoreWorld(profile);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    const { runtimeServices } = core.systemTable;
    expect(endOf(() => runtimeServices.resetSystem('EfiResetCold', 'EFI_SUCCESS'))?.kind).toBe(
      'reset',
    );
  });

  test('with another key nothing ends, and a second try can succeed', () => {
    const { bs, core } = new CoreWorld(profile);
    const log: string[] = [];
    noting(bs, log);
    const { mapKey } = bs.getMemoryMap();
    bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1);
    expect(statusOf(() => bs.exitBootServices(core.labImage, mapKey))).toBe(
      'EFI_INVALID_PARAMETER',
    );
    expect(log).toEqual(['before']);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(log).toEqual(['before', 'exit of 1.10', 'exit']);
  });

  test('BeforeExitBootServices may change the map: then the key is another', () => {
    const { bs, core } = new CoreWorld(profile);
    bs.createEventEx(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1),
      null,
      EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES,
    );
    const exit = () => bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(statusOf(exit)).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(exit)).toBe('EFI_SUCCESS');
  });

  test('no timer fires any more', () => {
    const { bs, core, platform } = new CoreWorld(profile);
    let fired = 0;
    const type = EVT_TIMER + EVT_NOTIFY_SIGNAL;
    const event = bs.createEvent(type, TPL_NOTIFY, () => fired++, null);
    bs.setTimer(event, 'TimerPeriodic', 100_000);
    // Not even while the members of the group are notified.
    const group = EFI_EVENT_GROUP_EXIT_BOOT_SERVICES;
    bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, () => bs.stall(50_000), null, group);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    platform.clock.delay(100_000_000);
    expect(fired).toBe(0);
  });

  test('a loader that returns after it ends the world', () => {
    const world = new CoreWorld(profile);
    world.program = (bs, handle) => bs.exitBootServices(handle, bs.getMemoryMap().mapKey);
    const image = world.load(buildPe());
    const end = endOf(() => world.bs.startImage(image));
    expect(end?.kind).toBe('boot-services-exited');
    expect(end?.details['image']).toBe('an image from memory');
  });

  test('a loader that calls a boot service after it stops with its bug', () => {
    const world = new CoreWorld(profile);
    world.program = (bs, handle) => {
      bs.exitBootServices(handle, bs.getMemoryMap().mapKey);
      bs.stall(1);
    };
    let caught: unknown;
    try {
      world.bs.startImage(world.load(buildPe()));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(BootServicesEnded);
    expect(isTerminalSignal(caught)).toBe(false);
  });
});

describe('the timer after ExitBootServices with a wrong key (UEFI §7.4.6)', () => {
  test.each([
    ['specification', 1],
    ['edk2', 0],
  ] as const)('%s: it fires %i times', (profile, times) => {
    const { bs, core, platform } = new CoreWorld(profile);
    let fired = 0;
    const type = EVT_TIMER + EVT_NOTIFY_SIGNAL;
    const event = bs.createEvent(type, TPL_CALLBACK, () => fired++, null);
    bs.setTimer(event, 'TimerRelative', 100_000);
    expect(statusOf(() => bs.exitBootServices(core.labImage, -1))).toBe('EFI_INVALID_PARAMETER');
    platform.clock.delay(100_000_000);
    expect(fired).toBe(times);
  });
});
