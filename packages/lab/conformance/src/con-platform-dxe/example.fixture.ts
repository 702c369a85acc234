import type { EfiRuntimeServices } from '@dxelab/uefi';
import { convertDevicePathToText, devicePathInstances, EFI_GLOBAL_VARIABLE } from '@dxelab/uefi';

/** What could be ConOut. */
export function possibleScreens(rs: EfiRuntimeServices): readonly string[] {
  const { data } = rs.getVariable('ConOutDev', EFI_GLOBAL_VARIABLE);
  return devicePathInstances(data).map((path) => convertDevicePathToText(path));
}
