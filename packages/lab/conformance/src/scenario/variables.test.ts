import {
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
} from '@dxelab/uefi';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeHost } from '@dxelab/node-host';
import type { BootReport, ScenarioInput } from '@dxelab/scenario';
import { boot, defineScenario, prepareLive, prepareScenario, succeeded } from '@dxelab/scenario';
import { MemoryStorage, VariableStore } from '@dxelab/variable-runtime-dxe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { application } from '../boot/programs.fixture.ts';
import { MemoryBackend } from '@dxelab/virtio-devices';

const NV_BS_RT =
  EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;

/** A loader that counts boots in a variable, and expects the option that is first in BootOrder. */
const loader = application(({ systemTable: { runtimeServices: rs } }) => {
  const [{ name }, vendor] = [{ name: 'Lang' }, EFI_GLOBAL_VARIABLE];
  const { data } = rs.getVariable(name, vendor);
  rs.setVariable(name, vendor, NV_BS_RT, Uint8Array.of((data[0] ?? 0) + 1, 0));
  rs.resetSystem('EfiResetCold', 'EFI_SUCCESS');
});

function scenario(
  variables: NonNullable<ScenarioInput['firmware']>['variables'],
  expectations: NonNullable<ScenarioInput['expect']>,
): ScenarioInput {
  return {
    machine: {
      memory: '64 MiB',
      devices: [{ 'virtio-blk': { image: new MemoryBackend(demoDisk()) } }],
    },
    firmware: { variables, standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': loader } },
    expect: expectations,
  };
}

/** That it held, or why not. */
function judged(report: BootReport): readonly string[] {
  return report.expectations
    .filter(({ held }) => !held)
    .map(({ text, actual }) => `${text}: ${actual}`);
}

describe('variables of a scenario', () => {
  test('that are listed are there in every boot, and what firmware made of them is told', () => {
    const listed = [
      { name: 'Boot0007', value: '"disk" PciRoot(0)/Pci(2,0)' },
      { name: 'BootOrder', value: '0007' },
      { name: 'Lang', value: 'a' },
    ];
    const prepared = prepareLive(
      defineScenario(
        scenario(listed, [
          { outcome: 'reset' },
          { variable: 'Lang', value: /^b$/, data: '62 00' },
          { variable: 'BootCurrent', value: '0007' },
          { variable: 'BootNext', present: false },
          { variable: 'PlatformRecovery0000', value: /BOOTX64/ },
        ]),
      ),
    );
    for (let again = 0; again < 2; again += 1) {
      const report = boot(prepared);
      expect(judged(report)).toEqual([]);
      expect(succeeded(report)).toBe(true);
    }
  });

  test('of a live storage outlast the reset', () => {
    const storage = new MemoryStorage(0x20000);
    new VariableStore(storage).put({
      name: 'Lang',
      vendor: EFI_GLOBAL_VARIABLE,
      attributes: NV_BS_RT,
      data: Uint8Array.of(0x61, 0),
      timeStamp: new Uint8Array(16),
    });
    for (const value of [/^b$/, /^c$/, /^d$/]) {
      const expectation = { variable: 'Lang', value };
      expect(judged(boot(prepareLive(defineScenario(scenario(storage, [expectation])))))).toEqual(
        [],
      );
    }
  });
});

describe('a store in a file', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
    const storage = new MemoryStorage(0x20000);
    new VariableStore(storage).put({
      name: 'Lang',
      vendor: EFI_GLOBAL_VARIABLE,
      attributes: NV_BS_RT,
      data: Uint8Array.of(0x61, 0),
      timeStamp: new Uint8Array(16),
    });
    writeFileSync(path('vars.fd'), storage.bytes);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function run(
    variables: NonNullable<ScenarioInput['firmware']>['variables'],
    value: RegExp,
  ): Promise<readonly string[]> {
    const read = defineScenario(scenario(variables, [{ variable: 'Lang', value }]), path('a.yaml'));
    const prepared = await prepareScenario(read, createNodeHost(import.meta.url));
    try {
      return [boot(prepared), boot(prepared)].flatMap(judged);
    } finally {
      prepared.close();
    }
  }

  test('is the same in every boot, and never changed', async () => {
    const before = readFileSync(path('vars.fd'));
    expect(await run('./vars.fd', /^b$/)).toEqual([]);
    expect(readFileSync(path('vars.fd')).equals(before)).toBe(true);
  });

  test('is changed if it is writable', async () => {
    const file = { file: './vars.fd', writable: true };
    expect(await run(file, /^[bc]$/)).toEqual([]);
    expect(await run(file, /^[de]$/)).toEqual([]);
  });

  test('that is none, or none at all, is told at its place', async () => {
    writeFileSync(path('none.fd'), new Uint8Array(0x20000).fill(7));
    await expect(run('./none.fd', /a/)).rejects.toThrow(
      /firmware\.variables: .*this is no variable store/,
    );
    await expect(run('./missing.fd', /a/)).rejects.toThrow(
      /firmware\.variables: .*missing\.fd: there is no such file/,
    );
    const live = defineScenario(scenario('./vars.fd', []));
    expect(() => prepareLive(live)).toThrow(/firmware\.variables: .*no file is opened here/);
  });
});
