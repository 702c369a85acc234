import {
  convertTextToDevicePath,
  EFI_GLOBAL_VARIABLE,
  EFI_HARDWARE_ERROR_VARIABLE,
  EFI_IMAGE_SECURITY_DATABASE_GUID,
  EFI_VARIABLE_BOOTSERVICE_ACCESS as BS,
  EFI_VARIABLE_NON_VOLATILE as NV,
  EFI_VARIABLE_RUNTIME_ACCESS as RT,
  writeKeyOption,
  writeLoadOption,
} from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { bytes, namesOf, services } from '../variable-services.fixture.ts';

describe("The specification's own variables (UEFI §3.3)", () => {
  const disk = convertTextToDevicePath('PciRoot(0)/Pci(2,0)');
  const option = writeLoadOption({
    attributes: 1,
    description: 'disk',
    filePathList: [disk],
    optionalData: bytes(),
  });
  const key = writeKeyOption({
    revision: 0,
    modifiers: [],
    bootOptionCrc: 0,
    bootOption: 1,
    keys: [],
  });
  const set =
    (name: string, attributes: number, data: Uint8Array, vendor = EFI_GLOBAL_VARIABLE) =>
    (): void =>
      services().setVariable(name, vendor, attributes, data);

  test.each<[string, number, Uint8Array]>([
    ['Timeout', NV | BS | RT, bytes(5, 0)],
    ['BootOrder', NV | BS | RT, bytes(1, 0, 2, 0)],
    ['BootNext', NV | BS | RT, bytes(1, 0)],
    ['BootCurrent', BS | RT, bytes(1, 0)],
    ['Boot001F', NV | BS | RT, option],
    ['Driver0000', NV | BS | RT, option],
    ['SysPrep0000', NV | BS | RT, option],
    ['PlatformRecovery0000', BS | RT, option],
    ['Key0000', NV | BS | RT, key],
    ['ConOut', NV | BS | RT, disk],
    ['ConOutDev', BS | RT, disk],
    ['PlatformLang', NV | BS | RT, bytes(0x65, 0x6e, 0)],
    ['OsIndications', NV | BS | RT, new Uint8Array(8)],
  ])('%s is written', (name, attributes, data) => {
    const variables = services();
    variables.setVariable(name, EFI_GLOBAL_VARIABLE, attributes, data);
    expect(variables.getVariable(name, EFI_GLOBAL_VARIABLE)).toEqual({ attributes, data });
  });

  test.each<[string, string, number, Uint8Array]>([
    ['another attribute', 'Timeout', NV | BS, bytes(5, 0)],
    ['another size', 'Timeout', NV | BS | RT, bytes(5)],
    ['half a number', 'BootOrder', NV | BS | RT, bytes(1, 0, 2)],
    ['no load option', 'Boot0001', NV | BS | RT, bytes(1, 2, 3)],
    ['no key option', 'Key0001', NV | BS | RT, bytes(1, 2, 3)],
    ['lower-case digits', 'Boot001f', NV | BS | RT, option],
    ['no device path', 'ConIn', NV | BS | RT, bytes(1, 1, 3, 0)],
    ['no NUL', 'Lang', NV | BS | RT, bytes(0x65, 0x6e)],
    ['no ASCII', 'Lang', NV | BS | RT, bytes(0xe4, 0)],
    ['another name', 'Mine', NV | BS | RT, bytes(1)],
  ])('EFI_INVALID_PARAMETER: %s', (_what, name, attributes, data) => {
    expect(set(name, attributes, data)).toThrow('EFI_INVALID_PARAMETER');
  });

  test('EFI_INVALID_PARAMETER: signatures without authentication, and error records', () => {
    expect(set('db', NV | BS | RT, bytes(1), EFI_IMAGE_SECURITY_DATABASE_GUID)).toThrow(
      'EFI_INVALID_PARAMETER',
    );
    expect(set('mine', NV | BS | RT, bytes(1), EFI_IMAGE_SECURITY_DATABASE_GUID)).toThrow(
      'EFI_INVALID_PARAMETER',
    );
    expect(set('HwErrRec0000', NV | BS | RT, bytes(1), EFI_HARDWARE_ERROR_VARIABLE)).toThrow(
      'EFI_INVALID_PARAMETER',
    );
  });

  test.each(['SetupMode', 'SecureBoot', 'SignatureSupport', 'PKDefault'])(
    'EFI_WRITE_PROTECTED: only firmware writes %s',
    (name) => {
      expect(set(name, BS | RT, bytes(1))).toThrow('EFI_WRITE_PROTECTED');
    },
  );

  test('they are deleted like others', () => {
    const variables = services();
    variables.setVariable('BootNext', EFI_GLOBAL_VARIABLE, NV | BS | RT, bytes(1, 0));
    variables.setVariable('BootNext', EFI_GLOBAL_VARIABLE, 0, bytes());
    expect(namesOf(variables)).toEqual([]);
  });
});
