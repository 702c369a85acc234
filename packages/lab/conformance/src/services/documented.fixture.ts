import type { EfiStatus } from '@dxelab/uefi';

/** A service, and each status code that its specification documents for it. */
export interface DocumentedService {
  readonly service: string;
  readonly specification: 'UEFI 2.11' | 'PI 1.9 Vol. 2';
  readonly section: string;
  readonly statuses: readonly EfiStatus[];
}

const SUCCESS = 'EFI_SUCCESS';
const INVALID = 'EFI_INVALID_PARAMETER';
const NOT_FOUND = 'EFI_NOT_FOUND';
const NO_MEMORY = 'EFI_OUT_OF_RESOURCES';
const TOO_SMALL = 'EFI_BUFFER_TOO_SMALL';
const UNSUPPORTED = 'EFI_UNSUPPORTED';
const DENIED = 'EFI_ACCESS_DENIED';
const DEVICE = 'EFI_DEVICE_ERROR';
const SECURITY = 'EFI_SECURITY_VIOLATION';
const STARTED = 'EFI_ALREADY_STARTED';

function service(name: string, section: string, ...statuses: EfiStatus[]): DocumentedService {
  return { service: name, specification: 'UEFI 2.11', section, statuses };
}

function dxeService(name: string, section: string, ...statuses: EfiStatus[]): DocumentedService {
  return { service: name, specification: 'PI 1.9 Vol. 2', section, statuses };
}

/** What returns no status is left out: RaiseTPL, RestoreTPL, CopyMem, SetMem, ResetSystem. */
export const DOCUMENTED: readonly DocumentedService[] = [
  service('CreateEvent', '7.1.1', SUCCESS, INVALID, NO_MEMORY),
  service('CreateEventEx', '7.1.2', SUCCESS, INVALID, NO_MEMORY),
  service('CloseEvent', '7.1.3', SUCCESS),
  service('SignalEvent', '7.1.4', SUCCESS),
  service('WaitForEvent', '7.1.5', SUCCESS, INVALID, UNSUPPORTED),
  service('CheckEvent', '7.1.6', SUCCESS, 'EFI_NOT_READY', INVALID),
  service('SetTimer', '7.1.7', SUCCESS, INVALID),
  service('AllocatePages', '7.2.1', SUCCESS, NO_MEMORY, INVALID, NOT_FOUND),
  service('FreePages', '7.2.2', SUCCESS, NOT_FOUND, INVALID),
  service('GetMemoryMap', '7.2.3', SUCCESS, TOO_SMALL, INVALID),
  service('AllocatePool', '7.2.4', SUCCESS, NO_MEMORY, INVALID),
  service('FreePool', '7.2.5', SUCCESS, INVALID),
  service('InstallProtocolInterface', '7.3.2', SUCCESS, NO_MEMORY, INVALID),
  service('UninstallProtocolInterface', '7.3.3', SUCCESS, NOT_FOUND, DENIED, INVALID),
  service('ReinstallProtocolInterface', '7.3.4', SUCCESS, NOT_FOUND, DENIED, INVALID),
  service('RegisterProtocolNotify', '7.3.5', SUCCESS, NO_MEMORY, INVALID),
  service('LocateHandle', '7.3.6', SUCCESS, NOT_FOUND, TOO_SMALL, INVALID),
  service('HandleProtocol', '7.3.7', SUCCESS, UNSUPPORTED, INVALID),
  service('LocateDevicePath', '7.3.8', SUCCESS, NOT_FOUND, INVALID),
  service('OpenProtocol', '7.3.9', SUCCESS, INVALID, UNSUPPORTED, DENIED, STARTED),
  service('CloseProtocol', '7.3.10', SUCCESS, INVALID, NOT_FOUND),
  service('OpenProtocolInformation', '7.3.11', SUCCESS, NOT_FOUND, NO_MEMORY),
  service('ConnectController', '7.3.12', SUCCESS, INVALID, NOT_FOUND, SECURITY),
  service('DisconnectController', '7.3.13', SUCCESS, INVALID, NO_MEMORY, DEVICE),
  service('ProtocolsPerHandle', '7.3.14', SUCCESS, INVALID, NO_MEMORY),
  service('LocateHandleBuffer', '7.3.15', SUCCESS, NOT_FOUND, NO_MEMORY, INVALID),
  service('LocateProtocol', '7.3.16', SUCCESS, INVALID, NOT_FOUND),
  service('InstallMultipleProtocolInterfaces', '7.3.17', SUCCESS, STARTED, NO_MEMORY, INVALID),
  service('UninstallMultipleProtocolInterfaces', '7.3.18', SUCCESS, INVALID),
  service(
    'LoadImage',
    '7.4.1',
    SUCCESS,
    NOT_FOUND,
    INVALID,
    UNSUPPORTED,
    NO_MEMORY,
    'EFI_LOAD_ERROR',
    DEVICE,
    DENIED,
    SECURITY,
  ),
  service('StartImage', '7.4.2', SUCCESS, INVALID, SECURITY),
  service('UnloadImage', '7.4.3', SUCCESS, UNSUPPORTED, INVALID),
  service('Exit', '7.4.5', SUCCESS, INVALID),
  service('ExitBootServices', '7.4.6', SUCCESS, INVALID),
  service('SetWatchdogTimer', '7.5.1', SUCCESS, INVALID, UNSUPPORTED, DEVICE),
  service('Stall', '7.5.2', SUCCESS),
  service('GetNextMonotonicCount', '7.5.5', SUCCESS, DEVICE, INVALID),
  service('InstallConfigurationTable', '7.5.6', SUCCESS, INVALID, NOT_FOUND, NO_MEMORY),
  service('CalculateCrc32', '7.5.7', SUCCESS, INVALID),
  service(
    'GetVariable',
    '8.2.1',
    SUCCESS,
    NOT_FOUND,
    TOO_SMALL,
    INVALID,
    DEVICE,
    SECURITY,
    UNSUPPORTED,
  ),
  service(
    'GetNextVariableName',
    '8.2.2',
    SUCCESS,
    NOT_FOUND,
    TOO_SMALL,
    INVALID,
    DEVICE,
    UNSUPPORTED,
  ),
  service(
    'SetVariable',
    '8.2.3',
    SUCCESS,
    INVALID,
    NO_MEMORY,
    DEVICE,
    'EFI_WRITE_PROTECTED',
    SECURITY,
    NOT_FOUND,
    UNSUPPORTED,
  ),
  service('QueryVariableInfo', '8.2.4', SUCCESS, INVALID, UNSUPPORTED),
  service('GetTime', '8.3.1', SUCCESS, INVALID, DEVICE, UNSUPPORTED),
  service('SetTime', '8.3.2', SUCCESS, INVALID, DEVICE, UNSUPPORTED),
  service('GetWakeupTime', '8.3.3', SUCCESS, INVALID, DEVICE, UNSUPPORTED),
  service('SetWakeupTime', '8.3.4', SUCCESS, INVALID, DEVICE, UNSUPPORTED),
  service(
    'SetVirtualAddressMap',
    '8.4.1',
    SUCCESS,
    INVALID,
    NOT_FOUND,
    'EFI_NO_MAPPING',
    UNSUPPORTED,
  ),
  service('ConvertPointer', '8.4.2', SUCCESS, NOT_FOUND, INVALID, UNSUPPORTED),
  service('GetNextHighMonotonicCount', '8.5.2', SUCCESS, INVALID, DEVICE, UNSUPPORTED),
  service('UpdateCapsule', '8.5.3.1', SUCCESS, INVALID, DEVICE, UNSUPPORTED, NO_MEMORY),
  service('QueryCapsuleCapabilities', '8.5.3.4', SUCCESS, INVALID, UNSUPPORTED, NO_MEMORY),
  dxeService('AddMemorySpace', '7.2.4.1', SUCCESS, INVALID, NO_MEMORY, UNSUPPORTED, DENIED),
  dxeService('AllocateMemorySpace', '7.2.4.2', SUCCESS, INVALID, NO_MEMORY, NOT_FOUND),
  dxeService('FreeMemorySpace', '7.2.4.3', SUCCESS, INVALID, UNSUPPORTED, NOT_FOUND, NO_MEMORY),
  dxeService(
    'RemoveMemorySpace',
    '7.2.4.4',
    SUCCESS,
    INVALID,
    UNSUPPORTED,
    NOT_FOUND,
    DENIED,
    NO_MEMORY,
  ),
  dxeService('GetMemorySpaceDescriptor', '7.2.4.5', SUCCESS, INVALID, NOT_FOUND),
  dxeService(
    'SetMemorySpaceAttributes',
    '7.2.4.6',
    SUCCESS,
    INVALID,
    UNSUPPORTED,
    DENIED,
    NO_MEMORY,
    'EFI_NOT_AVAILABLE_YET',
  ),
  dxeService(
    'SetMemorySpaceCapabilities',
    '7.2.4.7',
    SUCCESS,
    INVALID,
    UNSUPPORTED,
    DENIED,
    NO_MEMORY,
  ),
  dxeService('GetMemorySpaceMap', '7.2.4.8', SUCCESS, INVALID, NO_MEMORY),
  dxeService('AddIoSpace', '7.2.4.9', SUCCESS, INVALID, NO_MEMORY, UNSUPPORTED, DENIED),
  dxeService('AllocateIoSpace', '7.2.4.10', SUCCESS, INVALID, NO_MEMORY, NOT_FOUND),
  dxeService('FreeIoSpace', '7.2.4.11', SUCCESS, INVALID, UNSUPPORTED, NOT_FOUND, NO_MEMORY),
  dxeService(
    'RemoveIoSpace',
    '7.2.4.12',
    SUCCESS,
    INVALID,
    UNSUPPORTED,
    NOT_FOUND,
    DENIED,
    NO_MEMORY,
  ),
  dxeService('GetIoSpaceDescriptor', '7.2.4.13', SUCCESS, INVALID, NOT_FOUND),
  dxeService('GetIoSpaceMap', '7.2.4.14', SUCCESS, INVALID, NO_MEMORY),
  dxeService('Dispatch', '7.3.1', SUCCESS, NOT_FOUND, STARTED),
  dxeService('Schedule', '7.3.2', SUCCESS, NOT_FOUND),
  dxeService('Trust', '7.3.3', SUCCESS, NOT_FOUND),
  dxeService('ProcessFirmwareVolume', '7.3.4', SUCCESS, NO_MEMORY, 'EFI_VOLUME_CORRUPTED'),
];
