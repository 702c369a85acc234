import type { EfiStatusCode } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  EFI_ERROR_CODE,
  EFI_ERROR_MAJOR,
  EFI_PROGRESS_CODE,
  EfiError,
  StatusCodeRuntimeProtocol,
  TimerArchProtocol,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, endOf, module } from './core-world.fixture.ts';

/** A module that hears all status codes from when it has installed the protocol. */
function hears(told: EfiStatusCode[], deaf = false) {
  return module('Router', (bs) => {
    bs.installProtocolInterface(undefined, StatusCodeRuntimeProtocol, {
      reportStatusCode: (code) => {
        told.push(code);
        if (deaf) throw new EfiError('EFI_DEVICE_ERROR', 'nobody listens');
      },
    });
  });
}

const bds = module('Bds', (bs) => {
  bs.installProtocolInterface(undefined, BdsArchProtocol, { entry: () => undefined });
});

const shown = (told: readonly EfiStatusCode[]): string[] =>
  told.map(({ value }) => value.toString(16));

describe.each(PROFILES)('what the core reports (PI Vol. 2 §15.2), %s', (profile) => {
  test('that modules begin and have ended, with their handles, from when somebody listens', () => {
    const told: EfiStatusCode[] = [];
    const fails = module('Fails', () => 'EFI_DEVICE_ERROR');
    const { core } = new CoreWorld(profile, [hears(told), module('One', () => {}), fails]);
    core.dispatch();
    // the end of the one that listens, then the two others
    expect(shown(told)).toEqual(['3040003', '3040002', '3040003', '3040002', '3040003']);
    const [own, begin, end] = told;
    expect(begin).toMatchObject({
      type: EFI_PROGRESS_CODE,
      instance: 0,
      callerId: 'd6a2cb7f-6a18-4e2f-b43b-9920a733700a',
    });
    const handles = [own, begin, end].map((code) => code?.data?.[20]);
    const images = core.images().map(({ name, handle }) => [name, handle.number]);
    expect(images).toContainEqual(['Router', handles[0]]);
    expect(images).toContainEqual(['One', handles[1]]);
    expect(handles[2]).toBe(handles[1]);
    // EFI_STATUS_CODE_DATA: a header of 20 bytes, 8 bytes behind it (PI Vol. 3 §6.6)
    expect([...(begin?.data?.slice(0, 8) ?? [])]).toEqual([20, 0, 8, 0, 0xbd, 0x84, 0x59, 0x33]);
    expect(begin?.data).toHaveLength(28);
  });

  test('that it hands over to BDS', () => {
    const told: EfiStatusCode[] = [];
    const { core } = new CoreWorld(profile, [bds, hears(told)]);
    expect(endOf(() => core.run())?.kind).toBe('stopped');
    expect(told.at(-1)).toMatchObject({ type: EFI_PROGRESS_CODE, value: 0x3041001 });
  });

  test('that an architectural protocol is missing', () => {
    const told: EfiStatusCode[] = [];
    const { core, bs } = new CoreWorld(profile, [bds, hears(told)]);
    for (const handle of bs.locateHandleBuffer({
      type: 'ByProtocol',
      protocol: TimerArchProtocol,
    })) {
      bs.uninstallProtocolInterface(handle, TimerArchProtocol, null);
    }
    expect(endOf(() => core.run())?.kind).toBe('stopped');
    expect(told.at(-1)).toMatchObject({
      type: EFI_ERROR_CODE + EFI_ERROR_MAJOR,
      value: 0x3041000,
    });
  });

  test('that boot services end, that addresses become virtual, and a reset', () => {
    const told: EfiStatusCode[] = [];
    const { core, bs } = new CoreWorld(profile, [hears(told)]);
    core.dispatch();
    told.length = 0;
    const { descriptors, mapKey } = bs.getMemoryMap();
    bs.exitBootServices(core.labImage, mapKey);
    const { runtimeServices } = core.systemTable;
    runtimeServices.setVirtualAddressMap(
      descriptors.map((one) => ({ ...one, virtualStart: one.physicalStart })),
    );
    const end = endOf(() => runtimeServices.resetSystem('EfiResetCold', 'EFI_SUCCESS'));
    expect(end?.kind).toBe('reset');
    expect(shown(told)).toEqual(['3101019', '3111004', '3051004', '311100a']);
  });

  test('and goes on if nobody can hear it', () => {
    const told: EfiStatusCode[] = [];
    const { core } = new CoreWorld(profile, [hears(told, true), module('One', () => {})]);
    core.dispatch();
    expect(told).toHaveLength(3);
    expect(core.moduleFailures()).toEqual([]);
  });
});
