import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../bytes.ts';
import { pciRootNode } from '../device-path/acpi-nodes.ts';
import { pciNode } from '../device-path/hardware-nodes.ts';
import { filePathNode } from '../device-path/media-nodes.ts';
import { packNode } from '../device-path/node.ts';
import { convertTextToDevicePath } from '../device-path/text/device-path-text.ts';
import { devicePath } from '../device-path/utilities.ts';
import type { LoadOption } from './load-option.ts';
import { LOAD_OPTION_ACTIVE, readLoadOption, writeLoadOption } from './load-option.ts';
import { loadOptionName, readLoadOptionName } from './load-option-name.ts';
import { readLoadOptionOrder, writeLoadOptionOrder } from './load-option-order.ts';

const DISK = devicePath(pciRootNode(0), pciNode(2, 0), filePathNode('\\a.efi'));
const option: LoadOption = {
  attributes: LOAD_OPTION_ACTIVE,
  description: 'Käse',
  filePathList: [DISK],
  optionalData: Uint8Array.of(1, 2, 3),
};
const bytesOf = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const END = [0x7f, 0xff, 4, 0];

describe('EFI_LOAD_OPTION (UEFI §3.1.3)', () => {
  test('attributes, length of the list, description and its NUL, device paths, and the rest', () => {
    expect(writeLoadOption(option)).toEqual(
      concatBytes(
        bytesOf(1, 0, 0, 0, DISK.length, 0),
        bytesOf(0x4b, 0, 0xe4, 0, 0x73, 0, 0x65, 0, 0, 0),
        DISK,
        bytesOf(1, 2, 3),
      ),
    );
    expect(readLoadOption(writeLoadOption(option)).value).toEqual(option);
  });

  test('an option as efibootmgr writes it (libefiboot 37)', () => {
    const hex =
      '010000005e005400650073007400000004012a0001000000000800000000000000f00100000000009eca7d8374e8' +
      '824db29a23fe0e23d1e20202040430005c004500460049005c0042004f004f0054005c0042004f004f0054005800' +
      '360034002e0045004600490000007fff0400';
    const { value } = readLoadOption(Uint8Array.from(Buffer.from(hex, 'hex')));
    expect(value).toEqual({
      attributes: 1,
      description: 'Test',
      filePathList: [
        convertTextToDevicePath(
          'HD(1,GPT,837DCA9E-E874-4D82-B29A-23FE0E23D1E2,0x800,0x1F000)/\\EFI\\BOOT\\BOOTX64.EFI',
        ),
      ],
      optionalData: new Uint8Array(0),
    });
  });

  test.each<[string, readonly number[]]>([
    ['expected more than 6 bytes, found 0', []],
    ['expected more than 6 bytes, found 6', [1, 0, 0, 0, 4, 0]],
    ['the description has no NUL', [1, 0, 0, 0, 4, 0, 65, 0, 66]],
    ['expected 5 bytes of device paths, found 4', [1, 0, 0, 0, 5, 0, 0, 0, ...END]],
    ['the file path list has no device path', [1, 0, 0, 0, 0, 0, 0, 0, ...END]],
    ['malformed device path at offset 0', [1, 0, 0, 0, 4, 0, 0, 0, 1, 1, 0, 0, ...END]],
    ['malformed device path at offset 4', [1, 0, 0, 0, 5, 0, 0, 0, ...END, 1]],
    ['malformed device path at offset 0', [1, 0, 0, 0, 10, 0, 0, 0, 4, 4, 6, 0, 65, 0, ...END]],
  ])('%s', (problem, bytes) => {
    expect(readLoadOption(bytesOf(...bytes)).problem).toContain(problem);
  });

  test.each<[string, Partial<LoadOption>]>([
    ['a NUL in the description', { description: 'a\0b' }],
    ['no device path', { filePathList: [] }],
    ['half a device path', { filePathList: [DISK.subarray(0, 5)] }],
    [
      'more device paths than 16 bits can count',
      { filePathList: [devicePath(packNode(1, 4, new Uint8Array(65530)))] },
    ],
    ['attributes of 33 bits', { attributes: 2 ** 32 }],
  ])('%s is EFI_INVALID_PARAMETER', (_what, part) => {
    expect(() => writeLoadOption({ ...option, ...part })).toThrow('EFI_INVALID_PARAMETER');
  });

  const node = fc
    .tuple(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 255 }),
      fc.uint8Array({ maxLength: 9 }),
    )
    .map(([type, subType, payload]) => packNode(type, subType, payload));
  const path = fc.array(node, { maxLength: 3 }).map((nodes) => devicePath(...nodes));
  const anyOption: fc.Arbitrary<LoadOption> = fc.record({
    attributes: fc.integer({ min: 0, max: 0xffffffff }),
    description: fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
    filePathList: fc.array(path, { minLength: 1, maxLength: 3 }),
    optionalData: fc.uint8Array({ maxLength: 9 }),
  });

  test('property: every option comes back from its bytes', () => {
    fc.assert(
      fc.property(anyOption, (one) => {
        expect(readLoadOption(writeLoadOption(one)).value).toEqual(one);
      }),
    );
  });

  test('property: whatever bytes are read, the same are written', () => {
    const mutated = fc
      .tuple(anyOption, fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([one, at, value]) => {
        const bytes = writeLoadOption(one);
        bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 30 }), mutated), (bytes) => {
        const { value, problem } = readLoadOption(bytes);
        expect(value === undefined).toBe(problem !== undefined);
        expect(value === undefined ? bytes : writeLoadOption(value)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('Names and orders of load options (UEFI §3.3)', () => {
  test('#### is four upper-case digits', () => {
    expect(loadOptionName('Boot', 0x1f)).toBe('Boot001F');
    expect(readLoadOptionName('Boot001F')).toEqual({ type: 'Boot', number: 0x1f });
    expect(readLoadOptionName('SysPrepFFFF')).toEqual({ type: 'SysPrep', number: 0xffff });
    for (const name of [
      'BootOrder',
      'Boot001f',
      'Boot1F',
      'Boot001F0',
      'boot001F',
      'Key0001',
      '',
    ]) {
      expect(readLoadOptionName(name)).toBeUndefined();
    }
    for (const number of [-1, 0x10000, 0.5]) {
      expect(() => loadOptionName('Driver', number)).toThrow('EFI_INVALID_PARAMETER');
    }
  });

  test('an order is numbers of 16 bits', () => {
    expect(writeLoadOptionOrder([1, 0x8000])).toEqual(bytesOf(1, 0, 0, 0x80));
    expect(readLoadOptionOrder(bytesOf(1, 0, 0, 0x80)).value).toEqual([1, 0x8000]);
    expect(readLoadOptionOrder(bytesOf(1)).problem).toBe('expected 16-bit numbers, found 1 bytes');
    expect(() => writeLoadOptionOrder([0x10000])).toThrow('EFI_INVALID_PARAMETER');
  });
});
