import type { DevicePath, EfiBootServices, EfiFile } from '@dxelab/uefi';
import {
  devicePathNodes,
  EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION,
  isEfiFailure,
  parsePeImage,
  readFilePathNode,
  SimpleFileSystemProtocol,
} from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';

/** What reading into memory needs. */
type Ram = ModuleLibraries['ram'];

/**
 * The content of a file if it can be read and has the headers of an application: EDK II looks before it gives
 * the file to LoadImage. MdeModulePkg/Library/UefiBootManagerLib/BmLoadOption.c, BmGetNextLoadOptionBuffer.
 * @param path of a file on a volume
 */
export function readImageFile(
  bs: EfiBootServices,
  ram: Ram,
  path: DevicePath,
): Uint8Array | undefined {
  try {
    const content = readFile(bs, ram, path);
    const { subsystem } = parsePeImage(content);
    return subsystem === EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION ? content : undefined;
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    return undefined;
  }
}

function readFile(bs: EfiBootServices, ram: Ram, path: DevicePath): Uint8Array {
  const { handle, remaining } = bs.locateDevicePath(SimpleFileSystemProtocol, path);
  const names = [...devicePathNodes(remaining)].map((node) => readFilePathNode(node) ?? '');
  const root = bs.handleProtocol(handle, SimpleFileSystemProtocol).openVolume();
  try {
    const file = root.open(names.join('\\').replaceAll(/\\{2,}/g, '\\'), 'read');
    try {
      return readWhole(bs, ram, file);
    } finally {
      file.close();
    }
  } finally {
    root.close();
  }
}

/** Through guest memory, as in C. */
function readWhole(bs: EfiBootServices, ram: Ram, file: EfiFile): Uint8Array {
  const buffer = bs.allocatePool('EfiBootServicesData', file.getInfo().fileSize);
  try {
    const content = new Uint8Array(file.read(buffer));
    ram.readBytes(buffer.address, content);
    return content;
  } finally {
    bs.freePool(buffer);
  }
}
