import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { convertTextToDevicePath } from '../device-path/text/device-path-text.ts';
import { EFI_GLOBAL_VARIABLE, EFI_IMAGE_SECURITY_DATABASE_GUID } from '../global-variable.ts';
import { crc32 } from '../crc32.ts';
import { readKeyOption, sealKeyOption, writeKeyOption } from '../load-option/key-option.ts';
import {
  LOAD_OPTION_CATEGORY_APP,
  LOAD_OPTION_HIDDEN,
  readLoadOption,
  writeLoadOption,
} from '../load-option/load-option.ts';
import {
  convertTextToVariableAttributes,
  convertVariableAttributesToText,
} from './variable-attributes.ts';
import {
  convertTextToVariable,
  convertVariableToText,
  variableTextExpected,
} from './variable-text.ts';

const toText = (name: string, ...bytes: readonly number[]): string | undefined =>
  convertVariableToText(name, EFI_GLOBAL_VARIABLE, Uint8Array.from(bytes));
const fromText = (name: string, text: string): number[] | undefined => {
  const data = convertTextToVariable(name, EFI_GLOBAL_VARIABLE, text);
  return data && [...data];
};

describe('Variables of the specification as text (UEFI §3.3)', () => {
  test.each([
    ['Timeout', '300', [0x2c, 1]],
    ['BootNext', '001F', [0x1f, 0]],
    ['BootOrder', '0001,ABCD', [1, 0, 0xcd, 0xab]],
    ['PlatformLang', 'en-US', [0x65, 0x6e, 0x2d, 0x55, 0x53, 0]],
    ['OsIndications', '0x40', [0x40, 0, 0, 0, 0, 0, 0, 0]],
    ['OsIndications', '0xffffffffffffffff', [255, 255, 255, 255, 255, 255, 255, 255]],
    ['SecureBoot', '1', [1]],
    ['ConOut', 'PciRoot(0x0)', [2, 1, 12, 0, 0xd0, 0x41, 3, 10, 0, 0, 0, 0, 0x7f, 0xff, 4, 0]],
  ])('%s: %s', (name, text, data) => {
    expect(toText(name, ...data)).toBe(text);
    expect(fromText(name, text)).toEqual(data);
  });

  test('what a user may write besides', () => {
    expect(fromText('BootOrder', 'Boot0001 boot001f')).toEqual([1, 0, 0x1f, 0]);
    expect(fromText('Timeout', '0x10')).toEqual([16, 0]);
  });

  test.each([
    ['Timeout', [1]],
    ['BootNext', [1, 0, 2, 0]],
    ['BootOrder', [1]],
    ['ConOut', [1, 2, 3]],
    ['PlatformLang', [0xe4, 0]],
    ['Boot0000', [1, 2, 3]],
    ['Key0000', [1]],
    ['Mine', [1]],
  ])('%s with other data has no text', (name, data) => {
    expect(toText(name, ...data)).toBeUndefined();
  });

  test.each([
    ['Timeout', '65536'],
    ['Timeout', '-1'],
    ['Timeout', 'soon'],
    ['BootNext', '0001,0002'],
    ['BootOrder', '1'],
    ['BootOrder', ''],
    ['Lang', 'Käse'],
    ['Boot0001', '"only a description"'],
    ['Key0001', 'F9'],
    ['Key0001', 'Boot0001 by'],
    ['Key0001', 'Boot001 by F9'],
    ['Key0001', 'Boot0001 by F13'],
    ['Key0001', 'Boot0001 by win+F9'],
    ['Key0001', 'Boot0001 by F1 F2 F3 F4'],
  ])('%s cannot be "%s"', (name, text) => {
    expect(fromText(name, text)).toBeUndefined();
    expect(variableTextExpected(name, EFI_GLOBAL_VARIABLE)).toBeDefined();
  });

  test('other vendors may call theirs the same, and mean something else', () => {
    const data = Uint8Array.of(1, 0);
    expect(convertVariableToText('Timeout', EFI_IMAGE_SECURITY_DATABASE_GUID, data)).toBe(
      undefined,
    );
    expect(variableTextExpected('Timeout', EFI_IMAGE_SECURITY_DATABASE_GUID)).toBe(undefined);
    expect(variableTextExpected('Key000x', EFI_GLOBAL_VARIABLE)).toBe(undefined);
  });

  test('load options show what not every one has (§3.1.3)', () => {
    const paths = ['PciRoot(0x0)/Pci(0x2,0x0)', 'PciRoot(0x1)'].map((path) =>
      convertTextToDevicePath(path),
    );
    const option = {
      attributes: LOAD_OPTION_HIDDEN | LOAD_OPTION_CATEGORY_APP,
      description: 'Shell',
      filePathList: paths,
      optionalData: Uint8Array.of(1, 2, 3),
    };
    expect(toText('Boot0001', ...writeLoadOption(option))).toBe(
      '"Shell" PciRoot(0x0)/Pci(0x2,0x0) (inactive; hidden; application; another path: PciRoot(0x1); optional data: 3 bytes)',
    );
  });

  test('a load option that is written as text is active, and described by its path if by nothing else', () => {
    for (const [text, description] of [
      ['"Linux, the newest" \\a.efi', 'Linux, the newest'],
      ['\\a.efi', '\\a.efi'],
    ] as const) {
      const { value } = readLoadOption(Uint8Array.from(fromText('Boot0001', text) ?? []));
      expect(value).toMatchObject({ attributes: 1, description });
      expect(value?.filePathList).toEqual([convertTextToDevicePath('\\a.efi')]);
    }
  });

  test('hot keys show their option and their keys (§3.1.6)', () => {
    const keys = [
      { scanCode: 0x13, unicodeChar: 0 },
      { scanCode: 0, unicodeChar: 0x61 },
    ];
    const option = { revision: 0, bootOptionCrc: 0, bootOption: 0x1f, keys };
    const bytes = writeKeyOption({ ...option, modifiers: ['shift'] });
    expect(toText('Key0000', ...bytes)).toBe('Boot001F by shift+F9 "a"');
  });

  test.each([
    'Boot001F by F9',
    'Boot0000 by shift+control+alt+logo+menu+sysReq+Enter',
    'Boot0000 by "+" Esc 0x0101',
    'Boot0000 by shift+"+"',
    'Boot0000 by Space Tab Backspace',
  ])('a hot key from its text: %s', (text) => {
    const bytes = fromText('Key0000', text);
    expect(bytes && toText('Key0000', ...bytes)).toBe(text);
  });

  test('a hot key is sealed with its boot option, which it is no hot key of before', () => {
    const bootOption = Uint8Array.of(1, 2, 3);
    const bytes = Uint8Array.from(fromText('Key0000', 'Boot001F by F9') ?? []);
    expect(readKeyOption(bytes).value?.bootOptionCrc).toBe(0);
    const sealed = readKeyOption(sealKeyOption(bytes, bootOption)).value;
    expect(sealed).toEqual({ ...readKeyOption(bytes).value, bootOptionCrc: crc32(bootOption) });
  });

  test('no bytes at all make it throw', () => {
    const names = fc.constantFrom('Boot0001', 'Key0001', 'ConIn', 'BootOrder', 'Lang', 'Timeout');
    fc.assert(
      fc.property(names, fc.uint8Array({ maxLength: 40 }), (name, data) => {
        const text = convertVariableToText(name, EFI_GLOBAL_VARIABLE, data);
        expect(['string', 'undefined']).toContain(typeof text);
      }),
    );
  });
});

describe('Attributes of variables as text (UEFI §8.2.1)', () => {
  test('both ways', () => {
    expect(convertVariableAttributesToText(7)).toBe('NV,BS,RT');
    expect(convertVariableAttributesToText(0x27)).toBe('NV,BS,RT,AT');
    expect(convertTextToVariableAttributes('nv,bs rt')).toBe(7);
    expect(convertTextToVariableAttributes('NV,XX')).toBeUndefined();
    expect(convertTextToVariableAttributes('')).toBeUndefined();
  });
});
