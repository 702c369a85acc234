import type { DevicePath, Guid } from '@dxelab/uefi';
import {
  devicePath,
  devicePathsEqual,
  firmwareFileNode,
  firmwareVolumeNode,
  guid,
  isDevicePathValid,
} from '@dxelab/uefi';
import type { BootOption } from '../boot-option.ts';

/** FvNameGuid of OVMF's DXEFV, in which the menu lies (OvmfPkg/OvmfPkgX64.fdf). */
const DXE_VOLUME: Guid = guid('7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1');

/** The path of a file of the firmware volume, as OVMF writes it into options. */
export function firmwareFilePath(file: Guid): DevicePath {
  return devicePath(firmwareVolumeNode(DXE_VOLUME), firmwareFileNode(file));
}

/** Whether an option is the boot menu. @param file its FILE_GUID, if there is a menu */
export function isMenu(
  { devicePath: path }: Pick<BootOption, 'devicePath'>,
  file: Guid | undefined,
): boolean {
  if (file === undefined || !isDevicePathValid(path)) return false;
  return devicePathsEqual(path, firmwareFilePath(file));
}
