import type { EfiStatusCode } from '@dxelab/uefi';
import {
  EFI_ERROR_CODE,
  EFI_PROGRESS_CODE,
  EFI_SOFTWARE_EFI_BOOT_SERVICE,
  EFI_SW_BS_PC_EXIT_BOOT_SERVICES,
  RscHandlerProtocol,
  StatusCodeRuntimeProtocol,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';
import { line } from './example.fixture.ts';

const CODE: EfiStatusCode = { type: EFI_PROGRESS_CODE, value: 0x3051001, instance: 0 };

function world(profile: (typeof PROFILES)[number]) {
  const boot = new BootWorld({ profile });
  boot.core.dispatch();
  const bs = boot.core.systemTable.bootServices;
  return {
    boot,
    bs,
    router: bs.locateProtocol(StatusCodeRuntimeProtocol),
    handlers: bs.locateProtocol(RscHandlerProtocol),
  };
}

test('the example shows a code', () => {
  expect(line).toBe('PROGRESS CODE: V03051001 I0');
});

describe.each(PROFILES)('status codes (PI Vol. 2 §15.2), %s', (profile) => {
  test('are lines of the debug log', () => {
    const { boot, router } = world(profile);
    const before = boot.debug.length;
    router.reportStatusCode(CODE);
    router.reportStatusCode({ type: EFI_ERROR_CODE, value: 5, instance: 1 });
    const lines = boot.debug
      .slice(before)
      .filter(({ module }) => module.startsWith('ReportStatusCode'));
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      [0x40, 'PROGRESS CODE: V03051001 I0'],
      [0x80000000, 'ERROR: C00000002:V00000005 I1'],
    ]);
  });

  test('a handler is told at its TPL, with the data as they were', () => {
    const { bs, router, handlers } = world(profile);
    const told: [string, number | undefined][] = [];
    handlers.register((code) => told.push(['later', code.data?.[0]]), TPL_CALLBACK);
    handlers.register((code) => told.push(['at once', code.data?.[0]]), TPL_HIGH_LEVEL);
    const data = Uint8Array.of(7);
    const tpl = bs.raiseTpl(TPL_NOTIFY);
    router.reportStatusCode({ ...CODE, data });
    data[0] = 0;
    expect(told).toEqual([['at once', 7]]);
    bs.restoreTpl(tpl);
    expect(told).toEqual([
      ['at once', 7],
      ['later', 7],
    ]);
  });

  test('EFI_ALREADY_STARTED: a handler registers twice; EFI_NOT_FOUND: it is not registered', () => {
    const { router, handlers } = world(profile);
    let told = 0;
    const handler = () => void told++;
    expect(() => handlers.unregister(handler)).toThrow('EFI_NOT_FOUND');
    handlers.register(handler, TPL_CALLBACK);
    expect(() => handlers.register(handler, TPL_HIGH_LEVEL)).toThrow('EFI_ALREADY_STARTED');
    handlers.unregister(handler);
    router.reportStatusCode(CODE);
    expect(told).toBe(0);
  });

  test('EFI_DEVICE_ERROR: a report within a report', () => {
    const { router, handlers } = world(profile);
    handlers.register((code) => router.reportStatusCode(code), TPL_HIGH_LEVEL);
    expect(() => router.reportStatusCode(CODE)).toThrow('EFI_DEVICE_ERROR');
  });

  test('go on after ExitBootServices, and then every handler is told at once', () => {
    const { boot, bs, router, handlers } = world(profile);
    const told: number[] = [];
    handlers.register(({ value }) => told.push(value), TPL_CALLBACK);
    bs.exitBootServices(boot.core.labImage, bs.getMemoryMap().mapKey);
    router.reportStatusCode(CODE);
    // the core's own comes first: that boot services have ended
    expect(told).toEqual([
      EFI_SOFTWARE_EFI_BOOT_SERVICE + EFI_SW_BS_PC_EXIT_BOOT_SERVICES,
      CODE.value,
    ]);
  });

  test('the core`s own: each module that is dispatched begins and ends (PI Vol. 3 §6.7)', () => {
    const { boot } = world(profile);
    const begins = boot.debug.filter(({ message }) => message.includes('V03040002'));
    const ends = boot.debug.filter(({ message }) => message.includes('V03040003'));
    const dispatched = boot.debug.filter(({ message }) => message.startsWith('dispatching '));
    expect(begins.length).toBeGreaterThan(10);
    // who shows them cannot show those before, nor that it begins itself
    const first = dispatched.findIndex(({ message }) => message.includes('StatusCodeRouter'));
    expect(begins).toHaveLength(dispatched.length - first - 1);
    expect(ends).toHaveLength(begins.length + 1);
  });
});
