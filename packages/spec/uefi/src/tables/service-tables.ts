import { viewOf } from '../bytes.ts';
import { EFI_TABLE_HEADER_SIZE, sealTable } from './table-header.ts';

/** "BOOTSERV" (UEFI §4.4.1). */
export const EFI_BOOT_SERVICES_SIGNATURE = 0x56524553544f4f42n;
/** "RUNTSERV" (UEFI §4.5.1). */
export const EFI_RUNTIME_SERVICES_SIGNATURE = 0x56524553544e5552n;
/** "DXE_SERV" (PI Vol. 2 §4.1.1). */
export const EFI_DXE_SERVICES_SIGNATURE = 0x565245535f455844n;

/** The functions of EFI_BOOT_SERVICES in the order of the table (UEFI §4.4.1); `Reserved` is none. */
export const EFI_BOOT_SERVICES_ORDER = [
  'RaiseTPL',
  'RestoreTPL',
  'AllocatePages',
  'FreePages',
  'GetMemoryMap',
  'AllocatePool',
  'FreePool',
  'CreateEvent',
  'SetTimer',
  'WaitForEvent',
  'SignalEvent',
  'CloseEvent',
  'CheckEvent',
  'InstallProtocolInterface',
  'ReinstallProtocolInterface',
  'UninstallProtocolInterface',
  'HandleProtocol',
  'Reserved',
  'RegisterProtocolNotify',
  'LocateHandle',
  'LocateDevicePath',
  'InstallConfigurationTable',
  'LoadImage',
  'StartImage',
  'Exit',
  'UnloadImage',
  'ExitBootServices',
  'GetNextMonotonicCount',
  'Stall',
  'SetWatchdogTimer',
  'ConnectController',
  'DisconnectController',
  'OpenProtocol',
  'CloseProtocol',
  'OpenProtocolInformation',
  'ProtocolsPerHandle',
  'LocateHandleBuffer',
  'LocateProtocol',
  'InstallMultipleProtocolInterfaces',
  'UninstallMultipleProtocolInterfaces',
  'CalculateCrc32',
  'CopyMem',
  'SetMem',
  'CreateEventEx',
] as const;

/** The functions of EFI_RUNTIME_SERVICES in the order of the table (UEFI §4.5.1). */
export const EFI_RUNTIME_SERVICES_ORDER = [
  'GetTime',
  'SetTime',
  'GetWakeupTime',
  'SetWakeupTime',
  'SetVirtualAddressMap',
  'ConvertPointer',
  'GetVariable',
  'GetNextVariableName',
  'SetVariable',
  'GetNextHighMonotonicCount',
  'ResetSystem',
  'UpdateCapsule',
  'QueryCapsuleCapabilities',
  'QueryVariableInfo',
] as const;

/** The functions of EFI_DXE_SERVICES in the order of the table (PI Vol. 2 §4.1.1). */
export const EFI_DXE_SERVICES_ORDER = [
  'AddMemorySpace',
  'AllocateMemorySpace',
  'FreeMemorySpace',
  'RemoveMemorySpace',
  'GetMemorySpaceDescriptor',
  'SetMemorySpaceAttributes',
  'GetMemorySpaceMap',
  'AddIoSpace',
  'AllocateIoSpace',
  'FreeIoSpace',
  'RemoveIoSpace',
  'GetIoSpaceDescriptor',
  'GetIoSpaceMap',
  'Dispatch',
  'Schedule',
  'Trust',
  'ProcessFirmwareVolume',
  'SetMemorySpaceCapabilities',
] as const;

const POINTER = 8;

/** The size of a table of so many functions where a pointer has 64 bits, in bytes. */
export function serviceTableSize(functions: number): number {
  return EFI_TABLE_HEADER_SIZE + functions * POINTER;
}

/**
 * EFI_BOOT_SERVICES, EFI_RUNTIME_SERVICES or EFI_DXE_SERVICES of a 64-bit machine: a header, and where each
 * function is.
 */
export function encodeServiceTable(
  signature: bigint,
  revision: number,
  functions: readonly number[],
): Uint8Array {
  const table = new Uint8Array(serviceTableSize(functions.length));
  const view = viewOf(table);
  functions.forEach((address, index) =>
    view.setBigUint64(EFI_TABLE_HEADER_SIZE + index * POINTER, BigInt(address), true),
  );
  return sealTable(table, signature, revision);
}
