import type { DevicePath, EfiFile, EfiHandle } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  devicePathNodes,
  EfiError,
  efiStatusOf,
  readFilePathNode,
  SimpleFileSystemProtocol,
} from '@dxelab/uefi';
import type { ProtocolServices } from '../hand/protocol-services.ts';

/**
 * Reads the file that a device path leads to, from the volume that it names (UEFI §7.4.1). Firmware
 * volumes, LoadFile and LoadFile2 are not modelled.
 * MdePkg/Library/DxeServicesLib, GetFileBufferByFilePath.
 * @throws EFI_NOT_FOUND, and what the file system throws
 */
export function readImageFile(protocols: ProtocolServices, path: DevicePath): Uint8Array {
  const { handle, remaining } = locateVolume(protocols, path);
  const name = filePath(remaining);
  if (name === '') {
    throw new EfiError('EFI_NOT_FOUND', `${convertDevicePathToText(path)} names no file`);
  }
  const root = protocols.handleProtocol(handle, SimpleFileSystemProtocol).openVolume();
  try {
    const file = root.open(name, 'read');
    try {
      return readWhole(file);
    } finally {
      file.close();
    }
  } finally {
    root.close();
  }
}

/** The file path nodes of a path, joined: a path may be split over several. */
export function filePath(path: DevicePath): string {
  const parts: string[] = [];
  for (const node of devicePathNodes(path)) {
    const part = readFilePathNode(node);
    if (part !== undefined) parts.push(part);
  }
  return parts.join('\\').replaceAll(/\\{2,}/g, '\\');
}

function locateVolume(
  protocols: ProtocolServices,
  path: DevicePath,
): { readonly handle: EfiHandle; readonly remaining: DevicePath } {
  try {
    return protocols.locateDevicePath(SimpleFileSystemProtocol, path);
  } catch (caught) {
    if (efiStatusOf(caught) !== 'EFI_NOT_FOUND') throw caught;
    throw new EfiError('EFI_NOT_FOUND', `no volume is on ${convertDevicePathToText(path)}`, {
      cause: caught,
    });
  }
}

function readWhole(file: EfiFile): Uint8Array {
  const content = new Uint8Array(file.getInfo().fileSize);
  const length = file.read(content);
  if (length === content.length) return content;
  throw new EfiError('EFI_LOAD_ERROR', `${length} bytes of a file of ${content.length} were read`);
}
