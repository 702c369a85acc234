import type { EfiVariableName } from '@dxelab/uefi';
import {
  convertTextToDevicePath,
  EFI_GLOBAL_VARIABLE,
  EFI_HARDWARE_ERROR_VARIABLE,
  EFI_IMAGE_SECURITY_DATABASE_GUID,
  EFI_VARIABLE_APPEND_WRITE as APPEND,
  EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS as DEPRECATED,
  EFI_VARIABLE_BOOTSERVICE_ACCESS as BS,
  EFI_VARIABLE_ENHANCED_AUTHENTICATED_ACCESS as ENHANCED,
  EFI_VARIABLE_HARDWARE_ERROR_RECORD as HW_ERROR,
  EFI_VARIABLE_NON_VOLATILE as NV,
  EFI_VARIABLE_RUNTIME_ACCESS as RT,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS as TIME_BASED,
  guid,
  guidToBytes,
  writeKeyOption,
  writeLoadOption,
} from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { MemoryStorage } from './storage/memory-storage.ts';
import { recordSize } from './store/variable-record.ts';
import { VariableStore } from './store/variable-store.ts';
import type { VariableServicesOptions } from './variable-services.ts';
import { VariableServices } from './variable-services.ts';

const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

function services(options: Partial<VariableServicesOptions> = {}): VariableServices {
  return new VariableServices(new VariableStore(new MemoryStorage(0x6000)), {
    maximumVariableSize: 0x400,
    volatileSize: 0x800,
    authenticates: true,
    verify: () => false,
    ...options,
  });
}

/** All names in order. */
function namesOf(variables: VariableServices): readonly string[] {
  const names: string[] = [];
  for (let at: EfiVariableName | undefined; ;) {
    at = variables.getNextVariableName(at);
    if (at === undefined) return names;
    names.push(at.name);
  }
}

describe('GetVariable (UEFI §8.2.1)', () => {
  test('delivers data and attributes, and a copy of them', () => {
    const variables = services();
    const data = bytes(1, 2);
    variables.setVariable('A', VENDOR, NV | BS, data);
    data[0] = 9;
    const found = variables.getVariable('A', VENDOR);
    expect(found).toEqual({ attributes: NV | BS, data: bytes(1, 2) });
    found.data[0] = 9;
    expect(variables.getVariable('A', VENDOR).data).toEqual(bytes(1, 2));
  });

  test('EFI_NOT_FOUND: no such name, no such vendor, no name at all', () => {
    const variables = services();
    variables.setVariable('A', VENDOR, BS, bytes(1));
    for (const name of ['B', 'a', '']) {
      expect(() => variables.getVariable(name, VENDOR)).toThrow('EFI_NOT_FOUND');
    }
    expect(() => variables.getVariable('A', EFI_GLOBAL_VARIABLE)).toThrow('EFI_NOT_FOUND');
  });

  test('EFI_NOT_FOUND at runtime: what has no runtime access', () => {
    const variables = services();
    variables.setVariable('A', VENDOR, BS, bytes(1));
    variables.setVariable('B', VENDOR, BS | RT, bytes(2));
    variables.exitBootServices();
    expect(() => variables.getVariable('A', VENDOR)).toThrow('EFI_NOT_FOUND');
    expect(variables.getVariable('B', VENDOR).data).toEqual(bytes(2));
  });
});

describe('GetNextVariableName (UEFI §8.2.2)', () => {
  test('volatile variables, then the others, each in the order of their last change', () => {
    const variables = services();
    expect(variables.getNextVariableName(undefined)).toBeUndefined();
    for (const name of ['A', 'B', 'C']) variables.setVariable(name, VENDOR, NV | BS, bytes(1));
    for (const name of ['X', 'Y']) variables.setVariable(name, VENDOR, BS, bytes(1));
    variables.setVariable('A', VENDOR, NV | BS, bytes(2));
    variables.setVariable('B', VENDOR, NV | BS, bytes(1)); // no change
    expect(namesOf(variables)).toEqual(['X', 'Y', 'B', 'C', 'A']);
  });

  test('at runtime, only what has runtime access', () => {
    const variables = services();
    variables.setVariable('A', VENDOR, NV | BS, bytes(1));
    variables.setVariable('B', VENDOR, NV | BS | RT, bytes(1));
    variables.setVariable('C', VENDOR, NV | BS, bytes(1));
    variables.exitBootServices();
    expect(namesOf(variables)).toEqual(['B']);
    expect(() => variables.getNextVariableName({ name: 'A', vendor: VENDOR })).toThrow(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('EFI_INVALID_PARAMETER: a name that is not there, or no more', () => {
    const variables = services();
    variables.setVariable('A', VENDOR, NV | BS, bytes(1));
    const first = variables.getNextVariableName(undefined);
    variables.setVariable('A', VENDOR, 0, bytes());
    expect(() => variables.getNextVariableName(first)).toThrow('EFI_INVALID_PARAMETER');
  });
});

describe('SetVariable (UEFI §8.2.3)', () => {
  test.each<[string, string, number]>([
    ['no name', '', NV | BS],
    ['a NUL in the name', 'A\0B', NV | BS],
    ['reserved bits', 'A', NV | BS | 0x100],
    ['enhanced authentication', 'A', NV | BS | ENHANCED],
    ['runtime access without boot service access', 'A', NV | RT],
    ['no access', 'A', NV],
    ['a hardware error record, for which there is no room', 'A', NV | BS | RT | HW_ERROR],
  ])('EFI_INVALID_PARAMETER: %s', (_what, name, attributes) => {
    expect(() => services().setVariable(name, VENDOR, attributes, bytes(1))).toThrow(
      'EFI_INVALID_PARAMETER',
    );
  });

  test.each([
    NV | BS | DEPRECATED,
    RT | DEPRECATED,
    NV | DEPRECATED,
    NV | BS | DEPRECATED | TIME_BASED,
  ])('EFI_UNSUPPORTED: 0x%s has EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS', (attributes) => {
    expect(() => services().setVariable('A', VENDOR, attributes, bytes(1))).toThrow(
      'EFI_UNSUPPORTED',
    );
  });

  test('EFI_INVALID_PARAMETER: more than a variable may have, name and header included', () => {
    const variables = services();
    const room = 0x400 - recordSize('A', 0);
    variables.setVariable('A', VENDOR, BS, new Uint8Array(room));
    for (const name of ['A', 'AB']) {
      const size = name === 'A' ? room + 1 : room;
      expect(() => variables.setVariable(name, VENDOR, BS, new Uint8Array(size))).toThrow(
        'EFI_INVALID_PARAMETER',
      );
    }
    expect(() => variables.setVariable('A', VENDOR, BS | APPEND, bytes(1))).toThrow(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('EFI_INVALID_PARAMETER: other attributes than it has', () => {
    const variables = services();
    variables.setVariable('A', VENDOR, NV | BS, bytes(1));
    for (const attributes of [BS, NV | BS | RT]) {
      expect(() => variables.setVariable('A', VENDOR, attributes, bytes(1))).toThrow(
        'EFI_INVALID_PARAMETER',
      );
    }
    expect(variables.getVariable('A', VENDOR).attributes).toBe(NV | BS);
  });

  test('EFI_OUT_OF_RESOURCES: no room left, in either store', () => {
    for (const attributes of [BS, NV | BS]) {
      const variables = services();
      const fill = (): void => {
        for (let n = 0; n < 10; n += 1)
          variables.setVariable(`A${n}`, VENDOR, attributes, new Uint8Array(0x300));
      };
      expect(fill).toThrow('EFI_OUT_OF_RESOURCES');
      expect(variables.getVariable('A0', VENDOR).data).toHaveLength(0x300);
    }
  });

  test('without data, or without access, it deletes; EFI_NOT_FOUND if there is nothing', () => {
    const variables = services();
    for (const attributes of [BS, NV | BS]) {
      variables.setVariable('A', VENDOR, attributes, bytes(1));
      variables.setVariable('A', VENDOR, attributes, bytes());
      expect(() => variables.getVariable('A', VENDOR)).toThrow('EFI_NOT_FOUND');
      variables.setVariable('A', VENDOR, attributes, bytes(1));
      variables.setVariable('A', VENDOR, 0, bytes(1, 2, 3));
      expect(() => variables.getVariable('A', VENDOR)).toThrow('EFI_NOT_FOUND');
      expect(() => variables.setVariable('A', VENDOR, attributes, bytes())).toThrow(
        'EFI_NOT_FOUND',
      );
    }
  });

  test('EFI_VARIABLE_APPEND_WRITE appends, creates, and does nothing without data', () => {
    const variables = services();
    variables.setVariable('A', VENDOR, BS | APPEND, bytes());
    expect(namesOf(variables)).toEqual([]);
    variables.setVariable('A', VENDOR, BS | APPEND, bytes(1));
    variables.setVariable('A', VENDOR, BS | APPEND, bytes(2, 3));
    variables.setVariable('A', VENDOR, BS | APPEND, bytes());
    expect(variables.getVariable('A', VENDOR)).toEqual({ attributes: BS, data: bytes(1, 2, 3) });
  });

  test('the same data again is not written', () => {
    const storage = new MemoryStorage(0x6000);
    const options = {
      maximumVariableSize: 0x400,
      volatileSize: 0,
      authenticates: true,
      verify: () => false,
    };
    const variables = new VariableServices(new VariableStore(storage), options);
    variables.setVariable('A', VENDOR, NV | BS, bytes(1));
    const image = storage.bytes.slice();
    variables.setVariable('A', VENDOR, NV | BS, bytes(1));
    expect(Buffer.compare(storage.bytes, image)).toBe(0);
  });

  test('at runtime: only what lasts and has runtime access is created and changed', () => {
    const variables = services();
    variables.setVariable('boot', VENDOR, NV | BS, bytes(1));
    variables.setVariable('volatile', VENDOR, BS | RT, bytes(1));
    variables.setVariable('A', VENDOR, NV | BS | RT, bytes(1));
    variables.exitBootServices();
    const set = (name: string, attributes: number) => (): void =>
      variables.setVariable(name, VENDOR, attributes, bytes(2));
    expect(set('boot', NV | BS)).toThrow('EFI_WRITE_PROTECTED');
    expect(set('volatile', BS | RT)).toThrow('EFI_WRITE_PROTECTED');
    for (const attributes of [BS | RT, NV | BS, BS]) {
      expect(set('new', attributes)).toThrow('EFI_INVALID_PARAMETER');
    }
    set('A', NV | BS | RT)();
    set('B', NV | BS | RT)();
    expect(namesOf(variables)).toEqual(['volatile', 'A', 'B']);
  });
});

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

describe('QueryVariableInfo (UEFI §8.2.4)', () => {
  test('what there is, what is left, and how large one may be, its header left out', () => {
    const variables = services();
    const capacity = 0x1000 - 0x64;
    expect(variables.queryVariableInfo(NV | BS)).toEqual({
      maximumVariableStorageSize: capacity,
      remainingVariableStorageSize: capacity,
      maximumVariableSize: 0x400 - 60,
    });
    variables.setVariable('A', VENDOR, NV | BS, bytes(1));
    variables.setVariable('A', VENDOR, NV | BS, bytes(2)); // the first one no longer counts
    expect(variables.queryVariableInfo(NV | BS).remainingVariableStorageSize).toBe(
      capacity - recordSize('A', 1),
    );
    expect(variables.queryVariableInfo(BS).remainingVariableStorageSize).toBe(0x800);
    variables.setVariable('B', VENDOR, BS, new Uint8Array(900));
    variables.setVariable('C', VENDOR, BS, new Uint8Array(900));
    const left = 0x800 - recordSize('B', 900) * 2;
    expect(variables.queryVariableInfo(BS).maximumVariableSize).toBe(left - 60);
    variables.setVariable('D', VENDOR, BS, new Uint8Array(left - 60 - 4));
    expect(variables.queryVariableInfo(BS).maximumVariableSize).toBe(0);
  });

  test.each([0, NV, RT, NV | RT, BS | HW_ERROR])(
    'EFI_INVALID_PARAMETER: %i is no combination',
    (attributes) => {
      expect(() => services().queryVariableInfo(attributes)).toThrow('EFI_INVALID_PARAMETER');
    },
  );

  test.each([DEPRECATED | NV | BS, 0x100, NV | BS | RT | HW_ERROR])(
    'EFI_UNSUPPORTED: %i has something that is not there',
    (attributes) => {
      expect(() => services().queryVariableInfo(attributes)).toThrow('EFI_UNSUPPORTED');
    },
  );

  test('EFI_INVALID_PARAMETER at runtime: no runtime access', () => {
    const variables = services();
    variables.exitBootServices();
    expect(() => variables.queryVariableInfo(NV | BS)).toThrow('EFI_INVALID_PARAMETER');
    expect(variables.queryVariableInfo(NV | BS | RT).maximumVariableSize).toBeGreaterThan(0);
  });
});
