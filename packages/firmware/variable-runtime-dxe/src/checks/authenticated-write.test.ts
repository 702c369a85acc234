import {
  EFI_VARIABLE_APPEND_WRITE as APPEND,
  EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS as DEPRECATED,
  EFI_VARIABLE_BOOTSERVICE_ACCESS as BS,
  EFI_VARIABLE_NON_VOLATILE as NV,
  EFI_VARIABLE_RUNTIME_ACCESS as RT,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS as TIME_BASED,
  guid,
  guidToBytes,
} from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { VENDOR, bytes, namesOf, services } from '../variable-services.fixture.ts';

describe('Authenticated writes (UEFI §8.2.2)', () => {
  const ATTRIBUTES = NV | BS | RT | TIME_BASED;
  const PKCS7 = guid('4aafd29d-68df-49ee-8aa9-347d375665a7');

  /** EFI_VARIABLE_AUTHENTICATION_2 with a signature of two bytes, and one byte of data. */
  function descriptor(second: number, ...data: readonly number[]): Uint8Array {
    const head = new Uint8Array(42);
    const view = new DataView(head.buffer);
    head.set([0xea, 7, 11, 21, 4, 40, second]);
    view.setUint32(16, 26, true);
    view.setUint16(20, 0x0200, true);
    view.setUint16(22, 0x0ef1, true);
    head.set(guidToBytes(PKCS7), 24);
    head.set([0x30, 0x80], 40);
    return bytes(...head, ...data);
  }

  test('EFI_SECURITY_VIOLATION: nobody vouches for the signature', () => {
    const write = (): void => services().setVariable('A', VENDOR, ATTRIBUTES, descriptor(0, 1));
    expect(write).toThrow('EFI_SECURITY_VIOLATION');
  });

  test('whoever verifies is given all that the signature covers', () => {
    const seen: unknown[] = [];
    const variables = services({ verify: (request) => seen.push(request) > 0 });
    variables.setVariable('A', VENDOR, ATTRIBUTES, descriptor(5, 1, 2));
    expect(variables.getVariable('A', VENDOR)).toEqual({
      attributes: ATTRIBUTES,
      data: bytes(1, 2),
    });
    expect(seen).toEqual([
      {
        name: 'A',
        vendor: VENDOR,
        attributes: ATTRIBUTES,
        timeStamp: descriptor(5).slice(0, 16),
        signature: bytes(0x30, 0x80),
        data: bytes(1, 2),
      },
    ]);
  });

  test.each<[string, (data: Uint8Array) => Uint8Array]>([
    ['no descriptor', () => bytes(1)],
    ['a descriptor that ends too early', (data) => data.subarray(0, 39)],
    ['a certificate longer than the data', (data) => data.with(16, 200)],
    ['a certificate shorter than its header', (data) => data.with(16, 23)],
    ['another type of certificate', (data) => data.with(22, 0xf0)],
    ['another certificate', (data) => data.with(24, 0)],
    ['a time stamp with nanoseconds', (data) => data.with(8, 1)],
    ['a time stamp with a time zone', (data) => data.with(12, 1)],
    ['a time stamp with padding', (data) => data.with(7, 1)],
  ])('EFI_SECURITY_VIOLATION: %s', (_what, spoil) => {
    const variables = services({ verify: () => true });
    const write = (): void =>
      variables.setVariable('A', VENDOR, ATTRIBUTES, spoil(descriptor(0, 1)));
    expect(write).toThrow('EFI_SECURITY_VIOLATION');
  });

  test('EFI_SECURITY_VIOLATION: a time stamp that is not later, unless it appends', () => {
    const variables = services({ verify: () => true });
    variables.setVariable('A', VENDOR, ATTRIBUTES, descriptor(5, 1));
    for (const second of [4, 5]) {
      expect(() => variables.setVariable('A', VENDOR, ATTRIBUTES, descriptor(second, 2))).toThrow(
        'EFI_SECURITY_VIOLATION',
      );
    }
    variables.setVariable('A', VENDOR, ATTRIBUTES | APPEND, descriptor(4, 2));
    expect(variables.getVariable('A', VENDOR).data).toEqual(bytes(1, 2));
    // what was appended has not set the clock back
    expect(() => variables.setVariable('A', VENDOR, ATTRIBUTES, descriptor(5, 3))).toThrow(
      'EFI_SECURITY_VIOLATION',
    );
    variables.setVariable('A', VENDOR, ATTRIBUTES, descriptor(6, 3));
    expect(variables.getVariable('A', VENDOR).data).toEqual(bytes(3));
  });

  test('it is deleted as it is written, and not otherwise', () => {
    const variables = services({ verify: () => true });
    variables.setVariable('A', VENDOR, ATTRIBUTES, descriptor(5, 1));
    expect(() => variables.setVariable('A', VENDOR, 0, bytes())).toThrow('EFI_WRITE_PROTECTED');
    expect(() => variables.setVariable('A', VENDOR, NV | BS | RT, bytes())).toThrow(
      'EFI_INVALID_PARAMETER',
    );
    variables.setVariable('A', VENDOR, ATTRIBUTES, descriptor(6));
    expect(namesOf(variables)).toEqual([]);
  });

  test('QUIRK VariableRuntimeDxe.NoAuthentication: EFI_INVALID_PARAMETER, whoever vouches', () => {
    const variables = services({ authenticates: false, verify: () => true });
    for (const attributes of [ATTRIBUTES, NV | BS | DEPRECATED]) {
      expect(() => variables.setVariable('A', VENDOR, attributes, descriptor(0, 1))).toThrow(
        'EFI_INVALID_PARAMETER',
      );
    }
    expect(() => variables.queryVariableInfo(ATTRIBUTES)).toThrow('EFI_UNSUPPORTED');
  });
});
