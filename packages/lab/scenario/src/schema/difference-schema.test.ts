import { describe, expect, test } from 'vitest';
import { parseScenario } from '../parse-scenario.ts';
import { ScenarioError } from '../source/scenario-error.ts';

function problems(text: string): readonly string[] {
  try {
    parseScenario(text, 'boot.yaml');
  } catch (caught) {
    if (!(caught instanceof ScenarioError)) throw caught;
    return caught.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

const KEYS = 'features, register, request, call, chipset, boot';

describe('declared differences', () => {
  test('each is known by its first key, is about every device unless it names one, and has a reason', () => {
    const { differences } = parseScenario(
      `
differences:
  - { features: [7, 30], device: virtio-blk 02.0, reason: why }
  - { register: 'pci.*', device: '* mmio 23', reason: why }
  - { request: length, queue: 1, reason: why }
  - { request: data, reason: why }
  - { request: residual, command: 'READ (*)', unit: '0:300', reason: why }
  - { call: BlockIo.readBlocks, reason: why }
  - { chipset: ['1f.0', '00:1f.2'], reason: why }
  - { chipset: any, reason: why }
  - { boot: console, reason: why }
`,
      'boot.yaml',
    );
    const [reason, device] = ['why', '*'];
    const all = { queue: undefined, command: undefined, unit: undefined };
    const anyRequest = { kind: 'request', ...all, device, reason };
    expect(differences).toEqual([
      { kind: 'features', bits: [7, 30], device: 'virtio-blk 02.0', reason },
      { kind: 'register', name: 'pci.*', device: '* mmio 23', reason },
      { ...anyRequest, part: 'length', queue: 1 },
      { ...anyRequest, part: 'data' },
      { ...anyRequest, part: 'residual', command: 'READ (*)', unit: '0:300' },
      { kind: 'call', name: 'BlockIo.readBlocks', device, reason },
      { kind: 'chipset', slots: ['1f.0', '1f.2'], reason },
      { kind: 'chipset', slots: undefined, reason },
      { kind: 'boot', result: 'console', reason },
    ]);
    expect(parseScenario('{}', 'boot.yaml').differences).toEqual([]);
  });

  test.each([
    ['5', '1:14 expected a list of differences, and not 5'],
    [
      '[{ features: [7] }]',
      "1:15 missing 'reason': expected a reason: why the machines may differ here",
    ],
    [
      '[{ features: [7], reason: "" }]',
      '1:40 expected a reason: why the machines may differ here, and not ""',
    ],
    ['[{ features: [], reason: a }]', '1:27 expected at least one bit, and not an empty list'],
    ['[{ features: [128], reason: a }]', '1:28 expected a whole number from 0 to 127, and not 128'],
    [
      '[{ feature: [7], reason: a }]',
      `1:15 expected a difference, known by its key ${KEYS} (did you mean 'features'?), and not a mapping with "feature", "reason"`,
    ],
    [
      '[{ request: date, reason: a }]',
      `1:26 expected 'descriptors', 'data', 'length', 'command', 'response' or 'residual', and not "date" (did you mean 'data'?)`,
    ],
    [
      '[{ chipset: all, reason: a }]',
      `1:26 expected a list of slots such as ['1f.0'], or 'any', and not "all"`,
    ],
    [
      '[{ boot: time, reason: a }]',
      `1:23 expected 'outcome', 'console' or 'attempts', and not "time"`,
    ],
    [
      '[{ call: a, device: 5, reason: a }]',
      `1:34 expected a device such as 'virtio-blk 02.0', where * stands for anything, and not 5 (put it in quotes)`,
    ],
  ])('%s is refused', (list, ...expected) => {
    expect(problems(`differences: ${list}`)).toEqual(expected);
  });
});

describe("QEMU's machines", () => {
  test('can be named, also where the scenario is written for the emulated one', () => {
    const { machine } = parseScenario('machine: { machine: pc }', 'boot.yaml');
    expect(machine).toMatchObject({ kind: 'emulated', machine: 'pc' });
    expect(parseScenario('machine: { kind: qemu }', 'boot.yaml').machine.machine).toBeUndefined();
  });

  test('are three', () => {
    expect(problems('machine: { kind: qemu, machine: q36 }')).toEqual([
      `1:33 expected the machine 'pc', 'q35' or 'microvm' of QEMU's, and not "q36" (did you mean 'q35'?)`,
    ]);
  });
});
