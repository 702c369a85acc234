import type { Guid } from '../guid.ts';
import { guid } from '../guid.ts';

// GUIDs of vendor messaging nodes whose meaning UEFI itself gives (§10.3.4.16 to §10.3.4.18).

export const EFI_PC_ANSI_GUID: Guid = guid('e0c14753-f9be-11d2-9a0c-0090273fc14d');
export const EFI_VT_100_GUID: Guid = guid('dfa66065-b419-11d3-9a2d-0090273fc14d');
export const EFI_VT_100_PLUS_GUID: Guid = guid('7baec70b-57e0-4c76-8e87-2f9e28088343');
export const EFI_VT_UTF8_GUID: Guid = guid('ad15a0d6-8bec-4acf-a073-d01de77e2d88');
export const DEVICE_PATH_MESSAGING_UART_FLOW_CONTROL: Guid = guid(
  '37499a9d-542f-4c89-a026-35da142094e4',
);
export const DEVICE_PATH_MESSAGING_SAS: Guid = guid('d487ddb4-008b-11d9-afdc-001083ffca4d');
export const EFI_DEBUGPORT_PROTOCOL_GUID: Guid = guid('eba4e8d2-3858-41ec-a281-2647ba9660d0');

// Types of RAM disks (§10.3.5.9).

export const EFI_VIRTUAL_DISK_GUID: Guid = guid('77ab535a-45fc-624b-5560-f7b281d1f96e');
export const EFI_VIRTUAL_CD_GUID: Guid = guid('3d5abd30-4175-87ce-6d64-d2ade523c4bb');
export const EFI_PERSISTENT_VIRTUAL_DISK_GUID: Guid = guid('5cea02c9-4d07-69d3-269f-4496fbe096f9');
export const EFI_PERSISTENT_VIRTUAL_CD_GUID: Guid = guid('08018188-42cd-bb48-100f-5387d53ded3d');
