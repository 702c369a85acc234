import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { TerminalSignal } from '@dxelab/platform';
import type { DevicePath, EfiLoadedImage, PeImage } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  devicePath,
  DevicePathProtocol,
  EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION,
  EFI_PAGE_SIZE,
  EfiError,
  efiStatusOf,
  firmwareFileNode,
  IMAGE_FILE_MACHINE_ARM64,
  IMAGE_FILE_MACHINE_X64,
  parsePeImage,
  PE_MACHINE_NAMES,
} from '@dxelab/uefi';
import type { DxeModule, ModuleType } from '@dxelab/uefi-lib';
import type { CoreContext } from '../core/core-context.ts';
import { filePath } from './image-file.ts';
import type { ImageMemory, ImageMemoryTypes } from './image-memory.ts';
import { imageMemoryTypes, loadIntoMemory } from './image-memory.ts';
import type { ExecutableImage, ImageEntryPoint, ImageRuntime } from './image-runtime.ts';

/** What kind of image it is, whatever its language, and what executes it. */
export interface ImageDescription {
  readonly name: string;
  readonly moduleType: ModuleType;
  readonly memory: ImageMemory;
  readonly types: ImageMemoryTypes;
  /** Of its file, behind the device. */
  readonly filePath: DevicePath | undefined;
  /** Made when the image is installed; absent for who is not started. */
  readonly createEntryPoint: ((loadedImage: EfiLoadedImage) => ImageEntryPoint) | undefined;
}

const NATIVE_MACHINE = {
  X64: IMAGE_FILE_MACHINE_X64,
  AARCH64: IMAGE_FILE_MACHINE_ARM64,
} as const;

/** A TypeScript module takes one page, so that its ImageBase is an address like any other's. */
export function describeModule(core: CoreContext, module: DxeModule): ImageDescription {
  const types: ImageMemoryTypes =
    module.moduleType === 'UEFI_APPLICATION'
      ? { code: 'EfiLoaderCode', data: 'EfiLoaderData' }
      : { code: 'EfiBootServicesCode', data: 'EfiBootServicesData' };
  const base = core.memory.allocatePages('AllocateAnyPages', types.code, 1);
  return {
    name: module.name,
    moduleType: module.moduleType,
    memory: { base, size: EFI_PAGE_SIZE, release: () => core.memory.freePages(base, 1) },
    types,
    filePath: devicePath(firmwareFileNode(module.fileGuid)),
    createEntryPoint: () => moduleEntryPoint(core, module),
  };
}

/** The entry point of a module, which gets the platform if it asks for it. */
export function moduleEntryPoint(core: CoreContext, module: DxeModule): ImageEntryPoint {
  return (imageHandle, systemTable, libraries) => {
    if (module.hardware === true) {
      const { platform } = core;
      module.entryPoint(imageHandle, systemTable, { ...libraries, platform });
    } else {
      module.entryPoint(imageHandle, systemTable, libraries);
    }
  };
}

/**
 * A PE image, loaded and relocated.
 * @param path where it came from
 * @throws EFI_UNSUPPORTED, EFI_LOAD_ERROR, EFI_OUT_OF_RESOURCES
 */
export function describePeImage(
  core: CoreContext,
  runtimes: readonly ImageRuntime[],
  file: Uint8Array,
  path: DevicePath | undefined,
): ImageDescription {
  const image = parsePeImage(file);
  requireNative(core, image);
  const types = imageMemoryTypes(image.subsystem);
  const memory = loadIntoMemory(core.memory, core.platform.ram, image, file, types.code);
  const fileName = path === undefined ? '' : filePath(path);
  return {
    name: fileName.split('\\').at(-1) || 'an image from memory',
    moduleType:
      image.subsystem === EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION ? 'UEFI_APPLICATION' : 'UEFI_DRIVER',
    memory,
    types,
    filePath: path === undefined ? undefined : behindDevice(core, path),
    createEntryPoint: (loadedImage) =>
      peEntryPoint(core, runtimes, {
        fileName,
        devicePath: path === undefined ? '' : convertDevicePathToText(path),
        machine: image.machine,
        subsystem: image.subsystem,
        entryPoint: memory.base + image.entryPoint,
        loadedImage,
        sha256: () => bytesToHex(sha256(file)),
      }),
  };
}

/** A runtime's entry point; where there is none, control leaves the firmware, and this world. */
function peEntryPoint(
  core: CoreContext,
  runtimes: readonly ImageRuntime[],
  image: ExecutableImage,
): ImageEntryPoint {
  return (imageHandle, systemTable, libraries) => {
    for (const runtime of runtimes) {
      const entryPoint = runtime.resolve(image);
      if (entryPoint !== undefined) return entryPoint(imageHandle, systemTable, libraries);
    }
    const { fileName, devicePath: path } = image;
    const entryPoint = `0x${image.entryPoint.toString(16)}`;
    return core.platform.end(
      new TerminalSignal(
        'handed-over',
        `control went to ${fileName || 'an image'} at ${entryPoint}`,
        {
          image: fileName,
          devicePath: path,
          entryPoint,
          sha256: image.sha256(),
        },
      ),
    );
  };
}

function requireNative({ platform }: CoreContext, { machine }: PeImage): void {
  const { machineType } = platform.hobs;
  if (machine === NATIVE_MACHINE[machineType]) return;
  const name = PE_MACHINE_NAMES.get(machine) ?? 'unknown';
  throw new EfiError(
    'EFI_UNSUPPORTED',
    `the image is for ${name} (0x${machine.toString(16)}), and this machine is ${machineType}`,
  );
}

/** What of a path lies behind the device that it leads to: LoadedImage's FilePath. */
function behindDevice({ protocols }: CoreContext, path: DevicePath): DevicePath {
  try {
    return protocols.locateDevicePath(DevicePathProtocol, path).remaining;
  } catch (caught) {
    if (efiStatusOf(caught) !== 'EFI_NOT_FOUND') throw caught;
    return path;
  }
}
