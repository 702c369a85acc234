import { EFI_GLOBAL_VARIABLE } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { defineScenario } from '../define-scenario.ts';
import type { ExpectationInput } from '../scenario-input.ts';
import type { BootReport, ExpectationResult } from './boot-report.ts';
import { succeeded } from './boot-report.ts';
import { judge } from './judge.ts';

const MINE = '837dca9e-e874-4d82-b29a-23fe0e23d1e2';

const report: BootReport = {
  scenario: { name: undefined, file: 'test' },
  machine: 'emulated, 256 MiB',
  clock: 'virtual',
  profile: 'specification',
  outcome: {
    kind: 'handed-over',
    message: 'control went to \\EFI\\BOOT\\BOOTX64.EFI at 0x1000',
    details: { image: '\\EFI\\BOOT\\BOOTX64.EFI' },
  },
  phases: [],
  virtualTime: 0,
  accesses: 0,
  interrupts: { taken: 40, deepest: 2 },
  handles: [
    {
      number: 17,
      devicePath: 'PciRoot(0x0)/Pci(0x2,0x0)',
      image: undefined,
      protocols: ['BlockIo', 'PciIo'],
      guids: ['964e5b21-6459-11d2-8e39-00a0c969723b', '4cf5b200-68b8-4ca5-9eec-b23e3f50029a'],
      drivers: ['VirtioBlkDxe'],
      virtio: { offered: '0x1', features: '0x1', ring: 'packed, indirect' },
      children: [],
    },
  ],
  attempts: [
    {
      description: 'Windows',
      devicePath: 'HD(1)/\\x.efi',
      status: 'EFI_NOT_FOUND',
      reason: 'no file x.efi',
    },
  ],
  variables: [
    {
      name: 'BootOrder',
      vendor: EFI_GLOBAL_VARIABLE,
      attributes: 'NV,BS,RT',
      value: '0001,0000',
      data: '01000000',
    },
    { name: 'Mine', vendor: MINE, attributes: 'NV,BS', value: undefined, data: '01ff' },
  ],
  troubles: [],
  findings: [
    {
      rule: 'virtio-1.4 2.7.5',
      device: 'virtio-blk',
      message: 'a loop',
      count: 1,
      virtualTime: 0,
      fields: {},
    },
  ],
  debug: [{ time: 0, level: 64, module: 'FatDxe', message: 'found a volume' }],
  console: 'Booting\r\nDone\r\n',
  expectations: [],
};

function judged(expectation: ExpectationInput): ExpectationResult {
  const [data] = defineScenario({ expect: [expectation] }).expect;
  if (data === undefined) throw new TypeError('one expectation is one expectation');
  return judge(data, report);
}

const handle = 'PciRoot(0)/Pci(2,0)';

describe('an expectation holds', () => {
  test.each<ExpectationInput>([
    { outcome: 'handed-over' },
    { outcome: 'handed-over', image: 'efi\\boot\\bootx64.efi', message: /control/ },
    { handle },
    { handle, driver: 'VirtioBlkDxe', protocols: ['PciIo'] },
    { handle, ring: 'packed' },
    { handle, protocols: ['964E5B21-6459-11d2-8E39-00A0C969723B'] },
    { handle: 'PciRoot(1)', present: false },
    { attempt: 'Windows', status: 'EFI_NOT_FOUND', reason: 'x.efi' },
    { attempt: '/^HD/', status: 'EFI_NOT_FOUND' },
    { variable: 'BootOrder' },
    { variable: 'BootOrder', value: '0001', data: '01 00 00 00' },
    { variable: 'BootOrder', present: false, value: '0002' },
    { variable: 'Mine', vendor: '837DCA9E-e874-4d82-b29a-23fe0e23d1e2', data: '01FF' },
    { variable: 'Mine', present: false },
    { console: 'Done' },
    { console: /booting\r\n/i },
    { debug: 'FatDxe: found' },
    { interruptDepth: 2 },
    { interruptDepth: { atLeast: 2 } },
    { interruptDepth: { atMost: 2 } },
    { findings: ['virtio-1.4 2.7.5'] },
  ])('%j', (expectation) => {
    expect(judged(expectation)).toMatchObject({ held: true });
  });
});

describe('an expectation fails, and says what came', () => {
  test.each<[ExpectationInput, string, string]>([
    [
      { outcome: 'boot-services-exited' },
      'the outcome is boot-services-exited',
      'handed-over by \\EFI\\BOOT\\BOOTX64.EFI: control went to \\EFI\\BOOT\\BOOTX64.EFI at 0x1000',
    ],
    [
      { outcome: 'handed-over', image: '\\grub.efi' },
      'the outcome is handed-over by \\grub.efi',
      'handed-over by \\EFI\\BOOT\\BOOTX64.EFI: control went to \\EFI\\BOOT\\BOOTX64.EFI at 0x1000',
    ],
    [{ handle: 'PciRoot(1)' }, 'a handle PciRoot(0x1)', 'no such handle'],
    [
      { handle, present: false },
      'no handle PciRoot(0x0)/Pci(0x2,0x0)',
      'handle 17, managed by VirtioBlkDxe, with BlockIo, PciIo, rings: packed, indirect',
    ],
    [
      { handle, ring: 'split' },
      'a handle PciRoot(0x0)/Pci(0x2,0x0), rings: split',
      'handle 17, managed by VirtioBlkDxe, with BlockIo, PciIo, rings: packed, indirect',
    ],
    [
      { handle, driver: 'MyDriver' },
      'a handle PciRoot(0x0)/Pci(0x2,0x0), managed by MyDriver',
      'handle 17, managed by VirtioBlkDxe, with BlockIo, PciIo, rings: packed, indirect',
    ],
    [
      { handle, protocols: ['BlockIo', 'DiskIo'] },
      'a handle PciRoot(0x0)/Pci(0x2,0x0), with BlockIo, DiskIo',
      'handle 17, managed by VirtioBlkDxe, with BlockIo, PciIo, rings: packed, indirect',
    ],
    [
      { attempt: 'Windows', status: 'EFI_SUCCESS' },
      'the attempt to boot Windows gives EFI_SUCCESS',
      'EFI_NOT_FOUND no file x.efi',
    ],
    [
      { attempt: 'Linux', status: 'EFI_SUCCESS' },
      'the attempt to boot Linux gives EFI_SUCCESS',
      'no such attempt',
    ],
    [{ variable: 'BootNext' }, 'a variable BootNext', 'no such variable'],
    [
      { variable: 'BootOrder', value: /^0000/, data: '00' },
      'a variable BootOrder with the value /^0000/ and the bytes 00',
      '0001,0000',
    ],
    [
      { variable: 'Mine', vendor: MINE, present: false },
      `no variable Mine of ${MINE}`,
      'the bytes 01ff',
    ],
    [{ console: 'done' }, 'the console shows done', '"Done" in its last line'],
    [{ debug: 'y' }, 'a debug message has y', '1 messages'],
    [{ interruptDepth: 3 }, 'timer interrupts nest 3 deep', '2 deep, of 40 interrupts'],
    [
      { interruptDepth: { atLeast: 3 } },
      'timer interrupts nest at least 3 deep',
      '2 deep, of 40 interrupts',
    ],
    [
      { interruptDepth: { atMost: 1 } },
      'timer interrupts nest at most 1 deep',
      '2 deep, of 40 interrupts',
    ],
    [{ findings: 'none' }, 'there are no findings', 'virtio-1.4 2.7.5 (virtio-blk: a loop)'],
    [
      { findings: ['virtio-1.4 2.7.6'] },
      'findings of virtio-1.4 2.7.6',
      'virtio-1.4 2.7.5 (virtio-blk: a loop)',
    ],
  ])('%j', (expectation, text, actual) => {
    expect(judged(expectation)).toEqual({ text, held: false, actual });
  });
});

describe('a boot succeeds', () => {
  test('with expectations, exactly when all hold', () => {
    const [good, bad] = [judged({ console: 'Done' }), judged({ console: 'x' })];
    expect(succeeded({ ...report, expectations: [good, good] })).toBe(true);
    expect(succeeded({ ...report, expectations: [good, bad] })).toBe(false);
    const crashed = { ...report.outcome, kind: 'crashed' } as const;
    expect(succeeded({ ...report, outcome: crashed, expectations: [good] })).toBe(true);
  });

  test.each([
    ['handed-over', true],
    ['boot-services-exited', true],
    ['completed', true],
    ['stopped', false],
    ['crashed', false],
    ['reset', false],
  ] as const)('without, on the outcome %s: %j', (kind, success) => {
    expect(succeeded({ ...report, outcome: { ...report.outcome, kind } })).toBe(success);
  });
});
