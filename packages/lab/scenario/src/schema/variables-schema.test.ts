import { EFI_GLOBAL_VARIABLE, readLoadOption } from '@dxelab/uefi';
import { MemoryStorage } from '@dxelab/variable-runtime-dxe';
import { describe, expect, test } from 'vitest';
import { defineScenario } from '../define-scenario.ts';
import { parseScenario } from '../parse-scenario.ts';
import { ScenarioError } from '../source/scenario-error.ts';

const MINE = '837dca9e-e874-4d82-b29a-23fe0e23d1e2';
const read = (text: string): unknown =>
  parseScenario(`firmware:\n  variables: ${text}\n`, 'a.yaml').firmware.variables;

function problems(text: string): readonly string[] {
  try {
    read(text);
    return [];
  } catch (caught) {
    if (!(caught instanceof ScenarioError)) throw caught;
    return caught.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('variables of a scenario', () => {
  test('are a store in a file, which is only changed if it is said so', () => {
    expect(read('./vars.fd')).toEqual({ file: './vars.fd', writable: false });
    expect(read('{ file: vars.fd }')).toEqual({ file: 'vars.fd', writable: false });
    expect(read('{ file: vars.fd, writable: true }')).toEqual({ file: 'vars.fd', writable: true });
  });

  test('or are listed, by what they mean or by their bytes', () => {
    const text = `
    - { name: Timeout, value: 5 }
    - { name: BootOrder, value: '0001,0000' }
    - { name: Boot0001, value: '"Linux" PciRoot(0)/Pci(2,0)' }
    - { name: Mine, vendor: ${MINE.toUpperCase()}, attributes: 'NV, BS', data: 01 FF }`;
    const global = { vendor: EFI_GLOBAL_VARIABLE, attributes: 7 };
    expect(read(text)).toEqual([
      { ...global, name: 'Timeout', data: Uint8Array.of(5, 0) },
      { ...global, name: 'BootOrder', data: Uint8Array.of(1, 0, 0, 0) },
      { ...global, name: 'Boot0001', data: expect.any(Uint8Array) },
      { name: 'Mine', vendor: MINE, attributes: 3, data: Uint8Array.of(1, 255) },
    ]);
    const variables = [{ name: 'Boot0001', value: '"Linux" PciRoot(0)/Pci(2,0)' }];
    const [option] = [defineScenario({ firmware: { variables } }).firmware.variables].flat();
    const data = option !== undefined && 'data' in option ? option.data : new Uint8Array(0);
    expect(readLoadOption(data).value?.description).toBe('Linux');
  });

  test('or are a live storage', () => {
    const variables = new MemoryStorage(0x20000);
    expect(defineScenario({ firmware: { variables } }).firmware.variables).toBe(variables);
  });

  test.each([
    ['{ file: a.fd, writabel: true }', `unknown key "writabel" (did you mean 'writable'?)`],
    ['3', 'firmware.variables: expected the path of a store such as OVMF_VARS.fd'],
    ['[{ name: Timeout }]', 'firmware.variables[0]: expected either a value or data'],
    ['[{ name: Timeout, value: 1, data: 01 00 }]', 'expected either a value or data'],
    ['[{ name: Timeout, value: soon }]', 'variables[0].value: expected a number of seconds'],
    [
      '[{ name: Timeuot, value: 1 }]',
      'what Timeuot means is not known: expected data in its place',
    ],
    ['[{ name: ConOut, value: Pci( }]', 'variables[0].value: EFI_INVALID_PARAMETER'],
    ['[{ name: A, data: 0 }]', "variables[0].data: expected bytes in hexadecimal such as '01 ff'"],
    ['[{ name: A, data: 01, vendor: me }]', 'variables[0].vendor: expected a GUID such as'],
    ["[{ name: A, data: '01', attributes: BS }]", 'attributes: expected attributes of what lasts'],
  ])('%s is told at its place', (text, problem) => {
    expect(problems(text).join('\n')).toContain(problem);
  });
});
