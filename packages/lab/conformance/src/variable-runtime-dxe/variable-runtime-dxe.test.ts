import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { monotonicCounterRuntimeDxe } from '@dxelab/monotonic-counter-runtime-dxe';
import {
  EFI_VARIABLE_BOOTSERVICE_ACCESS as BS,
  EFI_VARIABLE_NON_VOLATILE as NV,
  EFI_VARIABLE_RUNTIME_ACCESS as RT,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS as TIME_BASED,
  guid,
  VariableArchProtocol,
  VariableWriteArchProtocol,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import type { NonVolatileStorage } from '@dxelab/variable-runtime-dxe';
import { MemoryStorage, variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';
import { describe, expect, test } from 'vitest';
import { kept } from './example.fixture.ts';

const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
const DATA = Uint8Array.of(1);

function switchOn(profile: Profile, storage?: NonVolatileStorage) {
  const { platform } = createEmulatedMachine({ memory: 2 ** 26 });
  const variables = variableRuntimeDxe(storage === undefined ? {} : { storage });
  const core = createDxeCore(platform, {
    modules: [variables, monotonicCounterRuntimeDxe],
    quirks: new Quirks(profile),
  });
  core.dispatch();
  return core;
}

test('the example keeps a variable from one machine to the next', () => {
  expect(kept).toEqual(Uint8Array.of(42));
});

describe.each(PROFILES)('VariableRuntimeDxe, %s', (profile) => {
  test('serves the runtime services table, and says so by its protocols', () => {
    const { systemTable } = switchOn(profile);
    const { bootServices, runtimeServices } = systemTable;
    runtimeServices.setVariable('A', VENDOR, NV | BS, DATA);
    const variables = bootServices.locateProtocol(VariableArchProtocol);
    expect(variables.getVariable('A', VENDOR)).toEqual({ attributes: NV | BS, data: DATA });
    expect(bootServices.locateProtocol(VariableWriteArchProtocol)).toBeNull();
    expect(() => runtimeServices.getVariable('B', VENDOR)).toThrow('EFI_NOT_FOUND');
  });

  test('what is volatile ends with the machine, what is not stays; the count goes on', () => {
    const storage = new MemoryStorage(0x20000);
    const first = switchOn(profile, storage).systemTable;
    first.runtimeServices.setVariable('lasting', VENDOR, NV | BS, DATA);
    first.runtimeServices.setVariable('volatile', VENDOR, BS, DATA);
    const second = switchOn(profile, storage).systemTable;
    expect(second.runtimeServices.getVariable('lasting', VENDOR).data).toEqual(DATA);
    expect(() => second.runtimeServices.getVariable('volatile', VENDOR)).toThrow('EFI_NOT_FOUND');
    const [before, after] = [first, second].map(({ bootServices }) =>
      bootServices.getNextMonotonicCount(),
    );
    expect((after ?? 0n) - (before ?? 0n)).toBe(1n << 32n);
  });

  test('after ExitBootServices, what had no runtime access is gone', () => {
    const core = switchOn(profile);
    const { bootServices, runtimeServices } = core.systemTable;
    runtimeServices.setVariable('boot', VENDOR, NV | BS, DATA);
    runtimeServices.setVariable('runtime', VENDOR, NV | BS | RT, DATA);
    const variables = bootServices.locateProtocol(VariableArchProtocol);
    bootServices.exitBootServices(core.labImage, bootServices.getMemoryMap().mapKey);
    expect(() => variables.getVariable('boot', VENDOR)).toThrow('EFI_NOT_FOUND');
    expect(variables.getVariable('runtime', VENDOR).data).toEqual(DATA);
  });

  test('a storage that is none keeps the module from starting, and nothing is written to it', () => {
    const storage = new MemoryStorage(new Uint8Array(0x20000).fill(0x41));
    const { runtimeServices } = switchOn(profile, storage).systemTable;
    expect(() => runtimeServices.getVariable('A', VENDOR)).toThrow('EFI_NOT_AVAILABLE_YET');
    expect(storage.bytes.every((byte) => byte === 0x41)).toBe(true);
  });
});

test.each<[Profile, string]>([
  ['specification', 'EFI_SECURITY_VIOLATION'],
  ['edk2', 'EFI_INVALID_PARAMETER'],
])(
  'QUIRK VariableRuntimeDxe.NoAuthentication, %s: a write that nobody vouches for is %s',
  (profile, status) => {
    const { runtimeServices } = switchOn(profile).systemTable;
    const write = (): void => runtimeServices.setVariable('A', VENDOR, NV | BS | TIME_BASED, DATA);
    expect(write).toThrow(status);
  },
);
