import { viewOf } from '../bytes.ts';
import { crc32 } from '../crc32.ts';
import type { Guid } from '../guid.ts';
import { guidFromBytes, guidToBytes } from '../guid.ts';
import { readTableHeader, sealTable } from './table-header.ts';

/** "IBI SYST" (UEFI §4.3.1). */
export const EFI_SYSTEM_TABLE_SIGNATURE = 0x5453595320494249n;
/** The size of EFI_SYSTEM_TABLE where a pointer has 64 bits, in bytes. */
export const EFI_SYSTEM_TABLE_SIZE = 120;
/** The size of EFI_CONFIGURATION_TABLE where a pointer has 64 bits, in bytes. */
export const EFI_CONFIGURATION_TABLE_SIZE = 24;
/** The size of EFI_SYSTEM_TABLE_POINTER, in bytes. */
export const EFI_SYSTEM_TABLE_POINTER_SIZE = 24;
/** On such a boundary, in bytes, a debugger looks for EFI_SYSTEM_TABLE_POINTER (UEFI §18.4.2). */
export const EFI_SYSTEM_TABLE_POINTER_ALIGNMENT: number = 4 * 2 ** 20;

/** EFI_SYSTEM_TABLE behind its header (UEFI §4.3.1); pointers are addresses, 0 for none. */
export interface EfiSystemTableFields {
  readonly firmwareVendor: number;
  readonly firmwareRevision: number;
  readonly consoleInHandle: number;
  readonly conIn: number;
  readonly consoleOutHandle: number;
  readonly conOut: number;
  readonly standardErrorHandle: number;
  readonly stdErr: number;
  readonly runtimeServices: number;
  readonly bootServices: number;
  readonly numberOfTableEntries: number;
  readonly configurationTable: number;
}

/** Where each field stands; all but FirmwareRevision have 64 bits. */
const LAYOUT: readonly (readonly [keyof EfiSystemTableFields, number])[] = [
  ['firmwareVendor', 24],
  ['firmwareRevision', 32],
  ['consoleInHandle', 40],
  ['conIn', 48],
  ['consoleOutHandle', 56],
  ['conOut', 64],
  ['standardErrorHandle', 72],
  ['stdErr', 80],
  ['runtimeServices', 88],
  ['bootServices', 96],
  ['numberOfTableEntries', 104],
  ['configurationTable', 112],
];

/** EFI_SYSTEM_TABLE of a 64-bit machine, with its header (UEFI §4.3.1). */
export function encodeSystemTable(revision: number, fields: EfiSystemTableFields): Uint8Array {
  const table = new Uint8Array(EFI_SYSTEM_TABLE_SIZE);
  const view = viewOf(table);
  for (const [field, at] of LAYOUT) {
    if (field === 'firmwareRevision') view.setUint32(at, fields[field], true);
    else view.setBigUint64(at, BigInt(fields[field]), true);
  }
  return sealTable(table, EFI_SYSTEM_TABLE_SIGNATURE, revision);
}

/** What stands in an EFI_SYSTEM_TABLE; `undefined` if it is none, or its CRC-32 is wrong. */
export function readSystemTable(
  bytes: Uint8Array,
): (EfiSystemTableFields & { readonly revision: number }) | undefined {
  const header = readTableHeader(bytes, EFI_SYSTEM_TABLE_SIGNATURE);
  if (header === undefined || header.headerSize < EFI_SYSTEM_TABLE_SIZE) return undefined;
  const view = viewOf(bytes);
  const pointer = (at: number): number => Number(view.getBigUint64(at, true));
  return {
    revision: header.revision,
    firmwareVendor: pointer(24),
    firmwareRevision: view.getUint32(32, true),
    consoleInHandle: pointer(40),
    conIn: pointer(48),
    consoleOutHandle: pointer(56),
    conOut: pointer(64),
    standardErrorHandle: pointer(72),
    stdErr: pointer(80),
    runtimeServices: pointer(88),
    bootServices: pointer(96),
    numberOfTableEntries: pointer(104),
    configurationTable: pointer(112),
  };
}

/** EFI_CONFIGURATION_TABLE (UEFI §4.6): whose table is where. */
export interface EfiConfigurationTableEntry {
  readonly vendorGuid: Guid;
  readonly vendorTable: number;
}

/** The array of EFI_CONFIGURATION_TABLE of a 64-bit machine. */
export function encodeConfigurationTable(
  entries: readonly EfiConfigurationTableEntry[],
): Uint8Array {
  const table = new Uint8Array(entries.length * EFI_CONFIGURATION_TABLE_SIZE);
  const view = viewOf(table);
  entries.forEach(({ vendorGuid, vendorTable }, index) => {
    const at = index * EFI_CONFIGURATION_TABLE_SIZE;
    table.set(guidToBytes(vendorGuid), at);
    view.setBigUint64(at + 16, BigInt(vendorTable), true);
  });
  return table;
}

/** The entries of an array of EFI_CONFIGURATION_TABLE; what is no whole entry at its end is left out. */
export function readConfigurationTable(bytes: Uint8Array): readonly EfiConfigurationTableEntry[] {
  const view = viewOf(bytes);
  const count = Math.floor(bytes.length / EFI_CONFIGURATION_TABLE_SIZE);
  return Array.from({ length: count }, (_, index) => {
    const at = index * EFI_CONFIGURATION_TABLE_SIZE;
    return {
      vendorGuid: guidFromBytes(bytes, at),
      vendorTable: Number(view.getBigUint64(at + 16, true)),
    };
  });
}

/** EFI_SYSTEM_TABLE_POINTER: by it a debugger finds the system table (UEFI §18.4.2). */
export function encodeSystemTablePointer(systemTable: number): Uint8Array {
  const pointer = new Uint8Array(EFI_SYSTEM_TABLE_POINTER_SIZE);
  const view = viewOf(pointer);
  view.setBigUint64(0, EFI_SYSTEM_TABLE_SIGNATURE, true);
  view.setBigUint64(8, BigInt(systemTable), true);
  view.setUint32(16, crc32(pointer), true);
  return pointer;
}

/** The address of the system table; `undefined` if this is no EFI_SYSTEM_TABLE_POINTER. */
export function readSystemTablePointer(bytes: Uint8Array): number | undefined {
  if (bytes.length < EFI_SYSTEM_TABLE_POINTER_SIZE) return undefined;
  const pointer = bytes.slice(0, EFI_SYSTEM_TABLE_POINTER_SIZE);
  const view = viewOf(pointer);
  const crc = view.getUint32(16, true);
  view.setUint32(16, 0, true);
  const isPointer = view.getBigUint64(0, true) === EFI_SYSTEM_TABLE_SIGNATURE;
  return isPointer && crc32(pointer) === crc ? Number(view.getBigUint64(8, true)) : undefined;
}
