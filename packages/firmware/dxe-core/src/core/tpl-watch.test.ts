import { isTerminalSignal } from '@dxelab/platform';
import type { EfiBootServices, EfiRuntimeServices, EfiTpl } from '@dxelab/uefi';
import {
  EVT_TIMER,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
  guid,
  isEfiFailure,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, statusOf } from './core-world.fixture.ts';

const VENDOR = guid('12345678-1234-1234-1234-123456789abc');

interface Services {
  readonly bs: EfiBootServices;
  readonly rt: EfiRuntimeServices;
  readonly world: CoreWorld;
}

/** The table of TPL restrictions of UEFI §7.1: the highest level at which each may be called. */
const RESTRICTIONS: readonly [string, EfiTpl, (services: Services) => void][] = [
  [
    'AllocatePages',
    TPL_NOTIFY,
    ({ bs }) => bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1),
  ],
  ['AllocatePool', TPL_NOTIFY, ({ bs }) => bs.allocatePool('EfiLoaderData', 8)],
  ['GetMemoryMap', TPL_NOTIFY, ({ bs }) => bs.getMemoryMap()],
  ['LocateHandleBuffer', TPL_NOTIFY, ({ bs }) => bs.locateHandleBuffer({ type: 'AllHandles' })],
  ['ProtocolsPerHandle', TPL_NOTIFY, ({ bs, world }) => bs.protocolsPerHandle(world.core.labImage)],
  ['CalculateCrc32', TPL_NOTIFY, ({ bs }) => bs.calculateCrc32(new Uint8Array(1))],
  ['CreateEvent', TPL_HIGH_LEVEL - 1, ({ bs }) => bs.createEvent(EVT_TIMER)],
  ['LoadImage', TPL_CALLBACK - 1, ({ world }) => world.load(new Uint8Array(4))],
  ['StartImage', TPL_CALLBACK - 1, ({ bs, world }) => bs.startImage(world.core.labImage)],
  ['UnloadImage', TPL_CALLBACK, ({ bs, world }) => bs.unloadImage(world.core.labImage)],
  [
    'ExitBootServices',
    TPL_APPLICATION,
    ({ bs, world }) => bs.exitBootServices(world.core.labImage, -1),
  ],
  ['GetVariable', TPL_CALLBACK, ({ rt }) => rt.getVariable('Boot0000', VENDOR)],
  ['SetVariable', TPL_CALLBACK, ({ rt }) => rt.setVariable('X', VENDOR, 0, new Uint8Array(0))],
  ['GetTime', TPL_CALLBACK, ({ rt }) => rt.getTime()],
  ['SetWakeupTime', TPL_CALLBACK, ({ rt }) => rt.setWakeupTime(false)],
];

const LEVELS = [TPL_APPLICATION, TPL_CALLBACK, TPL_NOTIFY, TPL_HIGH_LEVEL];

/** A status, or the ASSERT of EDK II's own lock: neither is what is asked here. */
function attempt(service: () => void): void {
  try {
    service();
  } catch (caught) {
    if (!isEfiFailure(caught) && !isTerminalSignal(caught)) throw caught;
  }
}

describe.each(PROFILES)('the TPL restrictions (UEFI §7.1, %s)', (profile) => {
  describe.each(RESTRICTIONS)('%s is for TPL %i and lower', (service, limit, use) => {
    test.each(LEVELS)('at TPL %i', (tpl) => {
      const world = new CoreWorld(profile);
      const { bs, core, findings } = world;
      bs.raiseTpl(tpl);
      attempt(() => use({ bs, rt: core.systemTable.runtimeServices, world }));
      const breaches = findings.map(({ rule, image, fields }) => ({ rule, image, ...fields }));
      const breach = { rule: 'UEFI 7.1', image: 'lab', service, tpl, limit };
      expect(breaches).toEqual(tpl > limit ? [breach] : []);
    });
  });

  test('a finding names caller, service, level and limit', () => {
    const { bs, findings } = new CoreWorld(profile);
    bs.raiseTpl(TPL_HIGH_LEVEL);
    bs.createEvent(EVT_TIMER);
    expect(findings.map(({ message }) => message)).toEqual([
      'lab called CreateEvent at TPL_HIGH_LEVEL; its limit is below TPL_HIGH_LEVEL',
    ]);
  });

  test('at any level: RaiseTPL, RestoreTPL, SignalEvent, Stall and ResetSystem', () => {
    const { bs, core, findings } = new CoreWorld(profile);
    const event = bs.createEvent(EVT_TIMER);
    const oldTpl = bs.raiseTpl(TPL_HIGH_LEVEL);
    bs.signalEvent(event);
    bs.stall(1);
    bs.restoreTpl(oldTpl);
    bs.raiseTpl(TPL_HIGH_LEVEL);
    const { runtimeServices } = core.systemTable;
    attempt(() => runtimeServices.resetSystem('EfiResetCold', 'EFI_SUCCESS'));
    expect(findings).toEqual([]);
  });

  test('WaitForEvent has a status for it, so that there is no finding', () => {
    const { bs, findings } = new CoreWorld(profile);
    const event = bs.createEvent(EVT_TIMER);
    bs.raiseTpl(TPL_CALLBACK);
    expect(statusOf(() => bs.waitForEvent([event]))).toBe('EFI_UNSUPPORTED');
    expect(findings).toEqual([]);
  });
});
