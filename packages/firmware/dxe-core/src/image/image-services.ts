import type { DevicePath, EfiHandle, EfiLoadedImage, EfiStatus } from '@dxelab/uefi';
import {
  EfiError,
  efiStatusOf,
  DevicePathProtocol,
  isEfiError,
  isEfiFailure,
  LoadedImageDevicePathProtocol,
  LoadedImageProtocol,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { DebugLib, DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';
import { TerminalSignal } from '@dxelab/platform';
import type { CoreContext } from '../core/core-context.ts';
import { describeModule, describePeImage } from './image-description.ts';
import type { ImageDescription } from './image-description.ts';
import { filePath, readImageFile } from './image-file.ts';
import type { ImageRecord } from './image-record.ts';
import { ImageExit } from './image-record.ts';
import type { ImageRuntime } from './image-runtime.ts';
import type { ImageResult } from './run-image.ts';
import { runImage } from './run-image.ts';

declare module '@dxelab/platform' {
  interface TraceEvents {
    readonly load_image: { readonly handle: number; readonly image: string; readonly base: number };
    readonly start_image_begin: { readonly handle: number; readonly image: string };
    readonly start_image_end: {
      readonly handle: number;
      readonly image: string;
      readonly status: EfiStatus | undefined;
    };
    readonly unload_image: { readonly handle: number; readonly image: string };
  }
}

/** Image services (UEFI §7.4). MdeModulePkg/Core/Dxe/Image/Image.c. */
export class ImageServices {
  readonly #core: CoreContext;
  readonly #runtimes: readonly ImageRuntime[];
  readonly #images = new Map<EfiHandle, ImageRecord>();
  /** The images that are running, the innermost last. */
  readonly #running: ImageRecord[] = [];

  constructor(core: CoreContext, runtimes: readonly ImageRuntime[]) {
    this.#core = core;
    this.#runtimes = runtimes;
  }

  /** All images, in the order in which they were loaded. */
  images(): readonly ImageRecord[] {
    return [...this.#images.values()];
  }

  find(handle: EfiHandle | undefined): ImageRecord | undefined {
    return handle === undefined ? undefined : this.#images.get(handle);
  }

  /** The image whose code runs; `undefined` between images. */
  get current(): ImageRecord | undefined {
    return this.#running.at(-1);
  }

  /**
   * An image that runs without ever being loaded or started: the core itself, and the lab.
   * @param name as it appears in reports
   */
  register(name: string): ImageRecord {
    return this.#install({
      name,
      moduleType: 'UEFI_DRIVER',
      memory: { base: 0, size: 0, release() {} },
      types: { code: 'EfiBootServicesCode', data: 'EfiBootServicesData' },
      filePath: undefined,
      parent: undefined,
      deviceHandle: undefined,
      devicePath: undefined,
      createEntryPoint: undefined,
    });
  }

  /**
   * LoadImage (UEFI §7.4.1; `EfiImageServices.loadImage`). The boot policy decides between LoadFile
   * and LoadFile2, and a file system is neither.
   */
  loadImage(
    _bootPolicy: boolean,
    parentImageHandle: EfiHandle,
    path: DevicePath | undefined,
    source: Uint8Array | undefined,
  ): EfiHandle {
    const { events, protocols } = this.#core;
    const debug: DebugLib = this.#core.debug;
    debug.assert(events.currentTpl < TPL_NOTIFY, 'LoadImage is called below TPL_NOTIFY');
    const parent = this.#require(parentImageHandle, 'LoadImage: the parent');
    const file = source ?? this.#read(path);
    if (file.length === 0) throw new EfiError('EFI_LOAD_ERROR', 'LoadImage of a source of 0 bytes');
    const description = describePeImage(this.#core, this.#runtimes, file, path);
    const image = this.#install({
      ...description,
      parent: parent.handle,
      deviceHandle: this.#device(path),
      devicePath: path,
    });
    // only now is it an image for those who wait for images
    protocols.reinstallProtocolInterface(
      image.handle,
      LoadedImageProtocol,
      image.loadedImage,
      image.loadedImage,
    );
    return image.handle;
  }

  /** StartImage (UEFI §7.4.2; `EfiImageServices.startImage`). */
  startImage(imageHandle: EfiHandle): Uint8Array | undefined {
    const image = this.#require(imageHandle, 'StartImage');
    if (image.started) {
      throw new EfiError('EFI_INVALID_PARAMETER', `StartImage: ${image.name} was started already`);
    }
    const { events, protocols } = this.#core;
    const tpl = events.currentTpl;
    const { key } = protocols.database;
    const result = this.#run(image);
    this.#restoreTpl(image, tpl);
    if (!image.isApplication) protocols.connectHandlesByKey(key);
    if (image.isApplication || isEfiError(result.status)) this.#remove(image);
    if (isEfiError(result.status)) {
      const { status, exitData, cause } = result;
      const reason = isEfiFailure(cause) ? cause.message : 'it called Exit';
      throw new EfiError(status, `${image.name} failed: ${reason}`, { out: exitData, cause });
    }
    return result.exitData;
  }

  /** Loads and starts a module: a TypeScript image like any other. @throws what its entry point throws */
  startModule(module: DxeModule): void {
    const { coreImage } = this.#core;
    const description = describeModule(this.#core, module);
    const image = this.#install({
      ...description,
      parent: coreImage?.handle,
      deviceHandle: undefined,
      devicePath: description.filePath,
    });
    this.startImage(image.handle);
  }

  /** Exit (UEFI §7.4.5; `EfiImageServices.exit`). */
  exit(imageHandle: EfiHandle, status: EfiStatus, exitData: Uint8Array | undefined): void {
    const image = this.#require(imageHandle, 'Exit');
    if (!image.started) {
      this.#remove(image);
      return;
    }
    if (image !== this.current) {
      throw new EfiError('EFI_INVALID_PARAMETER', `Exit: ${image.name} is not the running image`);
    }
    image.exit = new ImageExit(image, status, exitData);
    throw image.exit;
  }

  /** UnloadImage (UEFI §7.4.3; `EfiImageServices.unloadImage`). */
  unloadImage(imageHandle: EfiHandle): void {
    const image = this.#require(imageHandle, 'UnloadImage');
    if (image.started) {
      const { unload } = image.loadedImage;
      if (unload === undefined) {
        throw new EfiError('EFI_UNSUPPORTED', `${image.name} has no Unload and stays`);
      }
      unload(imageHandle);
    }
    this.#remove(image);
  }

  #read(path: DevicePath | undefined): Uint8Array {
    if (path === undefined) {
      throw new EfiError('EFI_NOT_FOUND', 'LoadImage needs a device path or a source');
    }
    return readImageFile(this.#core.protocols, path);
  }

  /** The handle of the device that a path leads to. */
  #device(path: DevicePath | undefined): EfiHandle | undefined {
    if (path === undefined) return undefined;
    try {
      return this.#core.protocols.locateDevicePath(DevicePathProtocol, path).handle;
    } catch (caught) {
      if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return undefined;
      throw caught;
    }
  }

  #install(description: ImageDescription & ImageOrigin): ImageRecord {
    const { memory, types, createEntryPoint, name } = description;
    const { protocols } = this.#core;
    const loadedImage: EfiLoadedImage = {
      revision: 0x1000,
      parentHandle: description.parent,
      systemTable: this.#core.createSystemTable(() => record),
      deviceHandle: description.deviceHandle,
      filePath: description.filePath,
      loadOptions: new Uint8Array(0),
      imageBase: memory.base,
      imageSize: memory.size,
      imageCodeType: types.code,
      imageDataType: types.data,
      unload: undefined,
    };
    const record: ImageRecord = {
      handle: protocols.installProtocolInterfaceQuietly(
        undefined,
        LoadedImageProtocol,
        loadedImage,
      ),
      name,
      loadedImage,
      isApplication: description.moduleType === 'UEFI_APPLICATION',
      entryPoint: createEntryPoint?.(loadedImage),
      release: () => memory.release(),
      started: false,
      exit: undefined,
    };
    protocols.installProtocolInterface(
      record.handle,
      LoadedImageDevicePathProtocol,
      description.devicePath ?? null,
    );
    this.#images.set(record.handle, record);
    const { number } = record.handle;
    this.#core.trace?.('load_image', { handle: number, image: name, base: memory.base });
    return record;
  }

  #run(image: ImageRecord): ImageResult {
    const { createLibraries, trace } = this.#core;
    const { handle, name, entryPoint, loadedImage } = image;
    if (entryPoint === undefined) {
      throw new EfiError('EFI_UNSUPPORTED', `StartImage: ${name} is no image to be started`);
    }
    image.started = true;
    trace?.('start_image_begin', { handle: handle.number, image: name });
    this.#running.push(image);
    let result: ImageResult | undefined;
    try {
      result = runImage(image, () =>
        entryPoint(handle, loadedImage.systemTable, createLibraries(name)),
      );
    } finally {
      this.#running.pop();
      trace?.('start_image_end', { handle: handle.number, image: name, status: result?.status });
    }
    this.#leaveIfBootServicesEnded(image);
    return result;
  }

  /** UEFI §7.4.6: after ExitBootServices there is no firmware that a loader could return to. */
  #leaveIfBootServicesEnded(image: ImageRecord): void {
    if (this.#core.endedBy === undefined) return;
    this.#core.platform.end(
      new TerminalSignal('boot-services-exited', `${image.name} ended boot services and returned`, {
        image: image.name,
        fileName:
          image.loadedImage.filePath === undefined ? '' : filePath(image.loadedImage.filePath),
      }),
    );
  }

  #restoreTpl(image: ImageRecord, tpl: number): void {
    const { debug, events } = this.#core;
    const { currentTpl } = events;
    if (currentTpl === tpl) return;
    debug.debug(
      DEBUG_ERROR,
      `${image.name} returned at TPL ${currentTpl}, and was called at ${tpl}`,
    );
    if (currentTpl > tpl) events.restoreTpl(tpl);
    else events.raiseTpl(tpl);
  }

  /** CoreUnloadAndCloseImage: what the driver installed and did not remove stays, dangling. */
  #remove(image: ImageRecord): void {
    const { protocols, trace } = this.#core;
    const { handle, name, loadedImage } = image;
    trace?.('unload_image', { handle: handle.number, image: name });
    protocols.closeAgent(handle);
    this.#images.delete(handle);
    const path = protocols.handleProtocol(handle, LoadedImageDevicePathProtocol);
    protocols.uninstallProtocolInterface(handle, LoadedImageDevicePathProtocol, path);
    protocols.uninstallProtocolInterface(handle, LoadedImageProtocol, loadedImage);
    image.release();
  }

  #require(handle: EfiHandle, what: string): ImageRecord {
    const image = this.#images.get(handle);
    if (image !== undefined) return image;
    throw new EfiError('EFI_INVALID_PARAMETER', `${what}: handle ${handle.number} is no image`);
  }
}

/** Where an image comes from. */
interface ImageOrigin {
  readonly parent: EfiHandle | undefined;
  readonly deviceHandle: EfiHandle | undefined;
  readonly devicePath: DevicePath | undefined;
}
