import type { DevicePath, EfiFile, EfiHandle, Protocol } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  DevicePathProtocol,
  devicePathNodes,
  EfiError,
  efiStatusOf,
  LoadFileProtocol,
  readFilePathNode,
  SimpleFileSystemProtocol,
} from '@dxelab/uefi';
import type { CoreContext } from '../core/core-context.ts';

/** The file of an image, and where it came from. */
export interface ImageSource {
  readonly file: Uint8Array;
  /** All of it, as LoadImage was given it. */
  readonly devicePath: DevicePath | undefined;
  readonly deviceHandle: EfiHandle | undefined;
  /** What of the path lies behind the device. */
  readonly filePath: DevicePath | undefined;
}

/**
 * The source of an image: what LoadImage was given, or the file that the device path leads to, on the
 * volume that it names, or what the device loads in its own way (UEFI §7.4.1). LoadFile2 is not modelled.
 * MdeModulePkg/Core/Dxe/Image/Image.c, MdePkg/Library/DxeServicesLib (GetFileBufferByFilePath).
 * @throws EFI_NOT_FOUND, EFI_OUT_OF_RESOURCES, EFI_LOAD_ERROR, and what the file system throws
 */
export function imageSource(
  core: CoreContext,
  devicePath: DevicePath | undefined,
  source: Uint8Array | undefined,
  bootPolicy: boolean,
): ImageSource {
  if (source !== undefined) return givenSource(core, devicePath, source);
  if (devicePath === undefined) {
    throw new EfiError('EFI_NOT_FOUND', 'LoadImage needs a device path or a source');
  }
  const volume = locate(core, SimpleFileSystemProtocol, devicePath);
  const loader = volume === undefined ? locate(core, LoadFileProtocol, devicePath) : undefined;
  if (loader !== undefined) return loadedSource(core, devicePath, loader, bootPolicy);
  if (volume === undefined) {
    throw new EfiError('EFI_NOT_FOUND', `no volume is on ${convertDevicePathToText(devicePath)}`);
  }
  const name = filePathText(volume.remaining);
  if (name === '') {
    throw new EfiError('EFI_NOT_FOUND', `${convertDevicePathToText(devicePath)} names no file`);
  }
  return {
    file: readFile(core, volume.handle, name),
    devicePath,
    deviceHandle: volume.handle,
    filePath: volume.remaining,
  };
}

/** The file path nodes of a path, joined: a file's path may be split over several. */
export function filePathText(path: DevicePath): string {
  const parts: string[] = [];
  for (const node of devicePathNodes(path)) {
    const part = readFilePathNode(node);
    if (part !== undefined) parts.push(part);
  }
  return parts.join('\\').replaceAll(/\\{2,}/g, '\\');
}

/** With a source, the device path is only information. */
function givenSource(
  core: CoreContext,
  devicePath: DevicePath | undefined,
  file: Uint8Array,
): ImageSource {
  if (file.length === 0) {
    throw new EfiError('EFI_LOAD_ERROR', 'LoadImage was given a source of 0 bytes');
  }
  const device = devicePath && locate(core, DevicePathProtocol, devicePath);
  return {
    file,
    devicePath,
    deviceHandle: device?.handle,
    filePath: device?.remaining ?? devicePath,
  };
}

function loadedSource(
  { protocols }: CoreContext,
  devicePath: DevicePath,
  { handle, remaining }: Located,
  bootPolicy: boolean,
): ImageSource {
  const loadFile = protocols.handleProtocol(handle, LoadFileProtocol);
  return {
    file: loadFile.loadFile(remaining, bootPolicy),
    devicePath,
    deviceHandle: handle,
    filePath: remaining,
  };
}

interface Located {
  readonly handle: EfiHandle;
  readonly remaining: DevicePath;
}

function locate(
  { protocols }: CoreContext,
  protocol: Protocol<unknown>,
  path: DevicePath,
): Located | undefined {
  try {
    return protocols.locateDevicePath(protocol, path);
  } catch (caught) {
    if (efiStatusOf(caught) !== 'EFI_NOT_FOUND') throw caught;
    return undefined;
  }
}

function readFile(
  { protocols, ...core }: CoreContext,
  volume: EfiHandle,
  name: string,
): Uint8Array {
  const root = protocols.handleProtocol(volume, SimpleFileSystemProtocol).openVolume();
  try {
    const file = root.open(name, 'read');
    try {
      return readWhole(core, file, name);
    } finally {
      file.close();
    }
  } finally {
    root.close();
  }
}

/** Through guest memory, as in C: a file that does not fit there is out of resources. */
function readWhole(
  { memory, platform }: Pick<CoreContext, 'memory' | 'platform'>,
  file: EfiFile,
  name: string,
): Uint8Array {
  const { fileSize } = file.getInfo();
  const buffer = memory.allocatePool('EfiBootServicesData', fileSize);
  try {
    const length = file.read(buffer);
    if (length === 0 || length !== fileSize) {
      throw new EfiError(
        'EFI_LOAD_ERROR',
        `${length} of ${fileSize} bytes of ${name} were read, and an image is expected`,
      );
    }
    const content = new Uint8Array(length);
    platform.ram.readBytes(buffer.address, content);
    return content;
  } finally {
    memory.freePool(buffer);
  }
}
