import type { EfiDxeServices, EfiSystemTable } from '@dxelab/uefi';
import { EFI_DXE_SERVICES_TABLE_GUID, EfiError } from '@dxelab/uefi';

/**
 * The DXE services, as a module finds them. MdePkg/Library/DxeServicesTableLib.
 * @throws EFI_NOT_FOUND if there is no such configuration table
 */
export function dxeServicesTable(
  systemTable: Pick<EfiSystemTable, 'configurationTable'>,
): EfiDxeServices {
  const table = systemTable.configurationTable.get(EFI_DXE_SERVICES_TABLE_GUID);
  if (isDxeServices(table)) return table;
  throw new EfiError('EFI_NOT_FOUND', 'there is no configuration table of the DXE services');
}

/** One function will do: nobody else installs a table of this GUID. */
function isDxeServices(table: unknown): table is EfiDxeServices {
  return typeof table === 'object' && table !== null && 'addMemorySpace' in table;
}
