import { describe, expect, test } from 'vitest';
import { viewOf } from '../bytes.ts';
import {
  EFI_BOOT_SERVICES_ORDER,
  EFI_BOOT_SERVICES_SIGNATURE,
  EFI_DXE_SERVICES_ORDER,
  EFI_DXE_SERVICES_SIGNATURE,
  EFI_RUNTIME_SERVICES_ORDER,
  EFI_RUNTIME_SERVICES_SIGNATURE,
  encodeServiceTable,
} from './service-tables.ts';
import {
  EFI_SYSTEM_TABLE_SIGNATURE,
  encodeConfigurationTable,
  encodeSystemTable,
  encodeSystemTablePointer,
  readConfigurationTable,
  readSystemTable,
  readSystemTablePointer,
} from './system-table-layout.ts';
import { readTableHeader } from './table-header.ts';

const FIELDS = {
  firmwareVendor: 0x1000,
  firmwareRevision: 0x10001,
  consoleInHandle: 1,
  conIn: 0x2000,
  consoleOutHandle: 2,
  conOut: 0x3000,
  standardErrorHandle: 3,
  stdErr: 0x4000,
  runtimeServices: 0x5000,
  bootServices: 0x1_0000_6000,
  numberOfTableEntries: 4,
  configurationTable: 0x7000,
};
const ACPI = '8868e871-e4f1-11d3-bc22-0080c73c8881';

describe('EFI_TABLE_HEADER (UEFI §4.2.1)', () => {
  test.each([
    [EFI_SYSTEM_TABLE_SIGNATURE, 'IBI SYST'],
    [EFI_BOOT_SERVICES_SIGNATURE, 'BOOTSERV'],
    [EFI_RUNTIME_SERVICES_SIGNATURE, 'RUNTSERV'],
    [EFI_DXE_SERVICES_SIGNATURE, 'DXE_SERV'],
  ])('0x%s is %s', (signature, text) => {
    const table = encodeServiceTable(signature, 0x2006e, []);
    expect(String.fromCodePoint(...table.subarray(0, 8))).toBe(text);
  });

  test('is found by its signature, and holds only with the right CRC', () => {
    const table = encodeServiceTable(EFI_BOOT_SERVICES_SIGNATURE, 0x2006e, [1, 2]);
    expect(readTableHeader(table, EFI_BOOT_SERVICES_SIGNATURE)).toMatchObject({
      revision: 0x2006e,
      headerSize: 40,
    });
    expect(readTableHeader(table, EFI_RUNTIME_SERVICES_SIGNATURE)).toBeUndefined();
    expect(readTableHeader(table.subarray(0, 39), EFI_BOOT_SERVICES_SIGNATURE)).toBeUndefined();
    expect(readTableHeader(new Uint8Array(3), EFI_BOOT_SERVICES_SIGNATURE)).toBeUndefined();
    for (let byte = 0; byte < table.length; byte += 1) {
      const changed = table.slice();
      changed[byte] = (changed[byte] ?? 0) ^ 1;
      expect(readTableHeader(changed, EFI_BOOT_SERVICES_SIGNATURE)).toBeUndefined();
    }
  });
});

describe('EFI_SYSTEM_TABLE (UEFI §4.3.1)', () => {
  test('is 120 bytes on a 64-bit machine, and comes back as it was', () => {
    const table = encodeSystemTable(0x20046, FIELDS);
    expect(table).toHaveLength(120);
    expect(readSystemTable(table)).toEqual({ revision: 0x20046, ...FIELDS });
    expect(viewOf(table).getBigUint64(96, true)).toBe(0x1_0000_6000n);
    expect(readSystemTable(table.subarray(0, 119))).toBeUndefined();
    expect(readSystemTable(encodeServiceTable(EFI_SYSTEM_TABLE_SIGNATURE, 1, [1]))).toBeUndefined();
  });

  test('EFI_CONFIGURATION_TABLE is 24 bytes an entry (UEFI §4.6)', () => {
    const entries = [{ vendorGuid: ACPI, vendorTable: 0x8000 }];
    const bytes = encodeConfigurationTable(entries);
    expect(bytes).toHaveLength(24);
    expect(readConfigurationTable(bytes)).toEqual(entries);
    expect(readConfigurationTable(bytes.subarray(1))).toEqual([]);
  });

  test('EFI_SYSTEM_TABLE_POINTER leads to it (UEFI §18.4.2)', () => {
    const pointer = encodeSystemTablePointer(0x1234);
    expect(readSystemTablePointer(pointer)).toBe(0x1234);
    expect(readSystemTablePointer(pointer.fill(1, 8, 9))).toBeUndefined();
    expect(readSystemTablePointer(new Uint8Array(8))).toBeUndefined();
  });
});

describe('the tables of services', () => {
  test('have the functions of the specification (UEFI §4.4.1, §4.5.1)', () => {
    expect(EFI_BOOT_SERVICES_ORDER).toHaveLength(44);
    expect(EFI_BOOT_SERVICES_ORDER[17]).toBe('Reserved');
    expect(EFI_BOOT_SERVICES_ORDER.at(-1)).toBe('CreateEventEx');
    expect(EFI_RUNTIME_SERVICES_ORDER).toHaveLength(14);
    expect(EFI_RUNTIME_SERVICES_ORDER.at(-1)).toBe('QueryVariableInfo');
  });

  test('have the functions of PI (Vol. 2 §4.1.1), what was added later behind them', () => {
    expect(EFI_DXE_SERVICES_ORDER).toHaveLength(18);
    expect(EFI_DXE_SERVICES_ORDER[13]).toBe('Dispatch');
    expect(EFI_DXE_SERVICES_ORDER.at(-1)).toBe('SetMemorySpaceCapabilities');
  });
});
