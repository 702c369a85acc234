import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { TerminalSignal } from '@dxelab/platform';
import type { EfiLoadedImage, PeImage } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  devicePath,
  EFI_PAGE_SIZE,
  EfiError,
  firmwareFileNode,
  IMAGE_FILE_MACHINE_ARM64,
  IMAGE_FILE_MACHINE_I386,
  IMAGE_FILE_MACHINE_X64,
  parsePeImage,
  PE_MACHINE_NAMES,
} from '@dxelab/uefi';
import type { DxeModule, ModuleType } from '@dxelab/uefi-lib';
import type { CoreContext } from '../core/core-context.ts';
import type { ImageMemory } from './image-memory.ts';
import { IMAGE_MEMORY_TYPES, loadIntoMemory, moduleTypeOf } from './image-memory.ts';
import type { ExecutableImage, ImageEntryPoint, ImageRuntime } from './image-runtime.ts';
import type { ImageSource } from './image-source.ts';
import { filePathText } from './image-source.ts';

/** What kind of image it is, whatever its language, where it came from, and what executes it. */
export interface ImageDescription extends Omit<ImageSource, 'file'> {
  readonly name: string;
  readonly moduleType: ModuleType;
  readonly memory: ImageMemory;
  /** Made when the image is installed; absent if nothing on this machine executes it. */
  readonly createEntryPoint: ((loadedImage: EfiLoadedImage) => ImageEntryPoint) | undefined;
}

const NATIVE_MACHINE = {
  X64: IMAGE_FILE_MACHINE_X64,
  AARCH64: IMAGE_FILE_MACHINE_ARM64,
} as const;

/** A TypeScript module takes one page, so that its ImageBase is an address like any other's. */
export function describeModule(core: CoreContext, module: DxeModule): ImageDescription {
  const { code } = IMAGE_MEMORY_TYPES[module.moduleType];
  const base = core.memory.allocatePages('AllocateAnyPages', code, 1);
  const filePath = devicePath(firmwareFileNode(module.fileGuid));
  return {
    name: module.name,
    moduleType: module.moduleType,
    memory: { base, size: EFI_PAGE_SIZE, release: () => core.memory.freePages(base, 1) },
    devicePath: filePath,
    deviceHandle: undefined,
    filePath,
    createEntryPoint: () => moduleEntryPoint(core, module),
  };
}

/** The entry point of a module, which gets the platform if it asks for it. */
function moduleEntryPoint(core: CoreContext, module: DxeModule): ImageEntryPoint {
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
 * @throws EFI_UNSUPPORTED, EFI_LOAD_ERROR, EFI_OUT_OF_RESOURCES
 */
export function describePeImage(
  core: CoreContext,
  runtimes: readonly ImageRuntime[],
  { file, ...origin }: ImageSource,
): ImageDescription {
  const image = parsePeImage(file);
  const native = isNative(core, image);
  const moduleType = moduleTypeOf(image);
  const { code } = IMAGE_MEMORY_TYPES[moduleType];
  const memory = loadIntoMemory(core.memory, core.platform.ram, image, file, code);
  const fileName = origin.filePath === undefined ? '' : filePathText(origin.filePath);
  return {
    ...origin,
    name: fileName.split('\\').at(-1) || 'an image from memory',
    moduleType,
    memory,
    createEntryPoint: native
      ? (loadedImage) =>
          peEntryPoint(core, runtimes, {
            fileName,
            devicePath:
              origin.devicePath === undefined ? '' : convertDevicePathToText(origin.devicePath),
            machine: image.machine,
            subsystem: image.subsystem,
            entryPoint: memory.base + image.entryPoint,
            loadedImage,
            sha256: () => bytesToHex(sha256(file)),
          })
      : undefined,
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

/**
 * Whether this machine can execute the image; what it cannot even load is an error.
 * @throws EFI_UNSUPPORTED
 */
function isNative({ platform, quirks }: CoreContext, { machine }: PeImage): boolean {
  const { machineType } = platform.hobs;
  if (machine === NATIVE_MACHINE[machineType]) return true;
  const compatible = machineType === 'X64' && machine === IMAGE_FILE_MACHINE_I386;
  if (compatible && quirks.has('DxeCore.LoadsIa32Images')) return false;
  const name = PE_MACHINE_NAMES.get(machine) ?? 'unknown';
  throw new EfiError(
    'EFI_UNSUPPORTED',
    `the image is for ${name} (0x${machine.toString(16)}), and this machine is ${machineType}`,
  );
}
