import { createDxeCore } from '@dxelab/dxe-core';
import type { DxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import {
  lowerHalf,
  MonotonicCount,
  monotonicCounterRuntimeDxe,
} from '@dxelab/monotonic-counter-runtime-dxe';
import type { EfiVariable, EfiVariableServices } from '@dxelab/uefi';
import {
  EfiError,
  protocolInterface,
  TPL_NOTIFY,
  VariableArchProtocol,
  VariableWriteArchProtocol,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';

const HIGH = 1n << 32n;

/** Variables in a map that outlives the firmware, or a store that fails. */
function variablesIn(store: Map<string, EfiVariable>, broken = false): EfiVariableServices {
  const notAsked = (): never => {
    throw new EfiError('EFI_UNSUPPORTED', 'not asked for here');
  };
  return {
    getVariable(name) {
      const variable = store.get(name);
      if (variable === undefined) throw new EfiError('EFI_NOT_FOUND', name);
      return variable;
    },
    getNextVariableName: notAsked,
    setVariable(name, _vendor, attributes, data) {
      if (broken) throw new EfiError('EFI_DEVICE_ERROR', 'the store is broken');
      store.set(name, { attributes, data });
    },
    queryVariableInfo: notAsked,
  };
}

function boot(profile: Profile, variables: EfiVariableServices): DxeCore {
  const { platform } = createEmulatedMachine({ memory: 16 * 2 ** 20 });
  const modules = [monotonicCounterRuntimeDxe];
  const core = createDxeCore(platform, { modules, quirks: new Quirks(profile) });
  core.systemTable.bootServices.installMultipleProtocolInterfaces(
    undefined,
    protocolInterface(VariableArchProtocol, variables),
    protocolInterface(VariableWriteArchProtocol, null),
  );
  core.dispatch();
  return core;
}

describe.each(PROFILES)('the monotonic count (UEFI §7.5.5, §8.5.2, %s)', (profile) => {
  test('rises by one, and each boot begins with another upper half', () => {
    const store = new Map<string, EfiVariable>();
    const counts = [1, 2].map(() => {
      const bs = boot(profile, variablesIn(store)).systemTable.bootServices;
      return [bs.getNextMonotonicCount(), bs.getNextMonotonicCount()];
    });
    expect(counts).toEqual([
      [HIGH, HIGH + 1n],
      [2n * HIGH, 2n * HIGH + 1n],
    ]);
  });

  test('the variable MTC is non-volatile and can be read at runtime', () => {
    const store = new Map<string, EfiVariable>();
    boot(profile, variablesIn(store));
    expect(store.get('MTC')).toEqual({ attributes: 7, data: Uint8Array.of(1, 0, 0, 0) });
  });

  test('GetNextHighMonotonicCount raises the upper half and keeps it, also at runtime', () => {
    const store = new Map<string, EfiVariable>();
    const core = boot(profile, variablesIn(store));
    const { bootServices: bs, runtimeServices: rt } = core.systemTable;
    expect(rt.getNextHighMonotonicCount()).toBe(2);
    expect(bs.getNextMonotonicCount()).toBe(2n * HIGH);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(rt.getNextHighMonotonicCount()).toBe(3);
    expect(store.get('MTC')?.data).toEqual(Uint8Array.of(3, 0, 0, 0));
  });

  test('an overflow of the lower half raises the upper one, and keeps it once variables may be written', () => {
    const store = new Map<string, EfiVariable>();
    const { systemTable } = boot(profile, variablesIn(store));
    const bs = systemTable.bootServices;
    const count = new MonotonicCount(systemTable, 2);
    const oldTpl = bs.raiseTpl(TPL_NOTIFY);
    const counts = [1, 2, 3].map(() => count.getNextMonotonicCount());
    expect(counts).toEqual([2n * HIGH, 2n * HIGH + 1n, 3n * HIGH]);
    expect(store.get('MTC')?.data[0]).toBe(2);
    bs.restoreTpl(oldTpl);
    expect(store.get('MTC')?.data[0]).toBe(3);
  });

  test('the lower half has 32 bits, of which EDK II uses 31', () => {
    expect(lowerHalf(new Quirks(profile))).toBe(profile === 'edk2' ? 2 ** 31 : 2 ** 32);
  });

  test('a store that cannot be written is no reason not to boot, but GetNextHigh… says so', () => {
    const { bootServices, runtimeServices } = boot(
      profile,
      variablesIn(new Map(), true),
    ).systemTable;
    expect(bootServices.getNextMonotonicCount()).toBe(HIGH);
    expect(() => runtimeServices.getNextHighMonotonicCount()).toThrow(/the store is broken/);
  });

  test.each([
    ['of another size', Uint8Array.of(9)],
    ['that has reached its end', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
  ])('a variable %s begins a new count', (_what, data) => {
    const store = new Map([['MTC', { attributes: 7, data }]]);
    const { bootServices } = boot(profile, variablesIn(store)).systemTable;
    expect(bootServices.getNextMonotonicCount()).toBe(data.length === 4 ? 0n : HIGH);
  });

  test('without variables the module waits, and the service is not available yet (PI Vol. 2)', () => {
    const { platform } = createEmulatedMachine({ memory: 16 * 2 ** 20 });
    const modules = [monotonicCounterRuntimeDxe];
    const core = createDxeCore(platform, { modules, quirks: new Quirks(profile) });
    core.dispatch();
    expect(core.undispatched().map(({ module }) => module.name)).toEqual([
      'MonotonicCounterRuntimeDxe',
    ]);
    const count = (): unknown => core.systemTable.bootServices.getNextMonotonicCount();
    expect(count).toThrow(expect.objectContaining({ status: 'EFI_NOT_AVAILABLE_YET' }));
  });
});
