import {
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_APPEND_WRITE as APPEND,
  EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS as DEPRECATED,
  EFI_VARIABLE_BOOTSERVICE_ACCESS as BS,
  EFI_VARIABLE_ENHANCED_AUTHENTICATED_ACCESS as ENHANCED,
  EFI_VARIABLE_HARDWARE_ERROR_RECORD as HW_ERROR,
  EFI_VARIABLE_NON_VOLATILE as NV,
  EFI_VARIABLE_RUNTIME_ACCESS as RT,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS as TIME_BASED,
} from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { MemoryStorage } from './storage/memory-storage.ts';
import { recordSize } from './store/variable-record.ts';
import { VariableStore } from './store/variable-store.ts';
import { VariableServices } from './variable-services.ts';
import { VENDOR, bytes, namesOf, services } from './variable-services.fixture.ts';

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
