import type { DevicePath, EfiHandle, EfiLoadedImage, EfiStatus } from '@dxelab/uefi';
import {
  EFI_LOADED_IMAGE_PROTOCOL_REVISION,
  EFI_SOFTWARE_DXE_CORE,
  EFI_SW_PC_INIT_BEGIN,
  EFI_SW_PC_INIT_END,
  EfiError,
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
import { failureOf } from '../core/failure-of.ts';
import { Security } from '../core/security.ts';
import { describeModule, describePeImage } from './image-description.ts';
import type { ImageDescription } from './image-description.ts';
import { firmwareFile } from './firmware-file.ts';
import { ImageCaller, ImageExit, ImageUnloaded } from './image-caller.ts';
import { IMAGE_MEMORY_TYPES } from './image-memory.ts';
import type { ImageRecord } from './image-record.ts';
import type { ImageRuntime } from './image-runtime.ts';
import { filePathText, imageSource } from './image-source.ts';
import type { ImageResult } from './run-image.ts';
import { runImage } from './run-image.ts';

/** Image services (UEFI §7.4). MdeModulePkg/Core/Dxe/Image/Image.c. */
export class ImageServices {
  readonly #core: CoreContext;
  readonly #runtimes: readonly ImageRuntime[];
  readonly #modules: readonly DxeModule[];
  readonly #security: Security;
  readonly #images = new Map<EfiHandle, ImageRecord>();
  /** The images that are running, the innermost last. */
  readonly #running: ImageRecord[] = [];

  /** @param modules what the firmware volume holds */
  constructor(
    core: CoreContext,
    runtimes: readonly ImageRuntime[],
    modules: readonly DxeModule[] = [],
  ) {
    this.#core = core;
    this.#runtimes = runtimes;
    this.#modules = modules;
    this.#security = new Security(core.protocols.database);
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
    const image = this.#install(undefined, {
      name,
      moduleType: 'UEFI_DRIVER',
      memory: { base: 0, size: 0, release() {} },
      filePath: undefined,
      deviceHandle: undefined,
      devicePath: undefined,
      createEntryPoint: undefined,
    });
    image.started = true;
    return image;
  }

  /**
   * LoadImage (UEFI §7.4.1; `EfiImageServices.loadImage`). The boot policy is for the security
   * protocols and for LoadFile. An image
   * that is only to wait for the user's authentication is loaded, and not started. What lies in the firmware
   * volume is the platform's own: nobody is asked about it.
   */
  loadImage(
    bootPolicy: boolean,
    parentImageHandle: EfiHandle,
    path: DevicePath | undefined,
    source: Uint8Array | undefined,
  ): EfiHandle {
    const { events } = this.#core;
    const debug: DebugLib = this.#core.debug;
    debug.assert(events.currentTpl < TPL_NOTIFY, 'LoadImage is called below TPL_NOTIFY');
    const parent = this.#require(parentImageHandle, 'LoadImage: the parent');
    const module = source === undefined ? firmwareFile(this.#modules, path) : undefined;
    if (module !== undefined) {
      return this.#install(parent, { ...describeModule(this.#core, module), devicePath: path })
        .handle;
    }
    const from = imageSource(this.#core, path, source, bootPolicy);
    const refusal = this.#security.refusesImage(path, from.file, bootPolicy);
    if (refusal !== undefined && refusal.status !== 'EFI_SECURITY_VIOLATION') throw refusal;
    const image = this.#install(parent, describePeImage(this.#core, this.#runtimes, from));
    image.refusal = refusal;
    if (refusal === undefined) return image.handle;
    throw new EfiError(refusal.status, refusal.message, { out: image.handle, cause: refusal });
  }

  /** StartImage (UEFI §7.4.2; `EfiImageServices.startImage`). */
  startImage(imageHandle: EfiHandle): Uint8Array | undefined {
    const image = this.#require(imageHandle, 'StartImage');
    if (image.started) {
      throw new EfiError('EFI_INVALID_PARAMETER', `StartImage: ${image.name} was started already`);
    }
    if (image.refusal !== undefined) throw image.refusal;
    const { events, protocols } = this.#core;
    const tpl = events.currentTpl;
    const { key } = protocols.database;
    const result = this.#run(image);
    this.#restoreTpl(image, tpl);
    if (!image.isApplication) protocols.connectHandlesByKey(key);
    if (image.isApplication || isEfiError(result.status)) this.#remove(image);
    // A driver that left with Exit stays, and its functions are called again.
    else image.caller.barrier = undefined;
    if (isEfiError(result.status)) {
      const { status, exitData, cause } = result;
      const reason = isEfiFailure(cause) ? cause.message : 'it called Exit';
      throw new EfiError(status, `${image.name} failed: ${reason}`, { out: exitData, cause });
    }
    return result.exitData;
  }

  /** Loads and starts a module: a TypeScript image like any other. @throws what its entry point throws */
  startModule(module: DxeModule): void {
    const { coreImage, statusCodes } = this.#core;
    const { handle } = this.#install(coreImage, describeModule(this.#core, module));
    statusCodes.progress(EFI_SOFTWARE_DXE_CORE | EFI_SW_PC_INIT_BEGIN, handle);
    const failure = failureOf(() => this.startImage(handle));
    statusCodes.progress(EFI_SOFTWARE_DXE_CORE | EFI_SW_PC_INIT_END, handle);
    if (failure !== undefined) throw failure;
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
    image.caller.barrier = new ImageExit(image.caller, status, exitData?.slice());
    throw image.caller.barrier;
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

  /**
   * Gives an image its handle. Only when it is whole do those hear of it who wait for LoadedImage, and
   * drivers are asked about its handle; the path that it came from follows.
   */
  #install(parent: ImageRecord | undefined, description: ImageDescription): ImageRecord {
    const { memory, createEntryPoint, name, moduleType } = description;
    const { protocols, trace } = this.#core;
    const types = IMAGE_MEMORY_TYPES[moduleType];
    const caller = new ImageCaller(name);
    const loadedImage: EfiLoadedImage = {
      revision: EFI_LOADED_IMAGE_PROTOCOL_REVISION,
      parentHandle: parent?.handle,
      systemTable: this.#core.createSystemTable(caller),
      deviceHandle: description.deviceHandle,
      filePath: description.filePath?.slice(),
      loadOptions: new Uint8Array(0),
      imageBase: memory.base,
      imageSize: memory.size,
      imageCodeType: types.code,
      imageDataType: types.data,
      unload: undefined,
    };
    const handle = protocols.installProtocolInterfaceQuietly(
      undefined,
      LoadedImageProtocol,
      loadedImage,
    );
    const image: ImageRecord = {
      handle,
      name,
      loadedImage,
      isApplication: moduleType === 'UEFI_APPLICATION',
      entryPoint: createEntryPoint?.(loadedImage),
      caller,
      release: () => memory.release(),
      started: false,
      refusal: undefined,
    };
    this.#images.set(handle, image);
    trace?.('load_image', { handle: handle.number, image: name, base: memory.base });
    const path = description.devicePath?.slice() ?? null;
    protocols.reinstallProtocolInterface(handle, LoadedImageProtocol, loadedImage, loadedImage);
    protocols.installProtocolInterface(handle, LoadedImageDevicePathProtocol, path);
    return image;
  }

  #run(image: ImageRecord): ImageResult {
    const { createLibraries, trace } = this.#core;
    const { handle, name, entryPoint, loadedImage } = image;
    if (entryPoint === undefined) {
      throw new EfiError('EFI_UNSUPPORTED', `StartImage: ${name} is not for this machine`);
    }
    image.started = true;
    trace?.('start_image_begin', { handle: handle.number, image: name });
    this.#running.push(image);
    let result: ImageResult | undefined;
    try {
      result = runImage(image.caller, () =>
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
          image.loadedImage.filePath === undefined ? '' : filePathText(image.loadedImage.filePath),
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

  /** CoreUnloadAndCloseImage: what the image installed and did not remove stays, dangling. */
  #remove(image: ImageRecord): void {
    const { protocols, trace } = this.#core;
    const { handle, name, loadedImage } = image;
    // Its own Unload may have been here before.
    if (!this.#images.delete(handle)) return;
    trace?.('unload_image', { handle: handle.number, image: name });
    protocols.closeAgent(handle);
    const path = protocols.handleProtocol(handle, LoadedImageDevicePathProtocol);
    protocols.uninstallProtocolInterface(handle, LoadedImageDevicePathProtocol, path);
    protocols.uninstallProtocolInterface(handle, LoadedImageProtocol, loadedImage);
    image.caller.barrier = new ImageUnloaded(name);
    image.release();
  }

  #require(handle: EfiHandle, what: string): ImageRecord {
    const image = this.#images.get(handle);
    if (image !== undefined) return image;
    throw new EfiError('EFI_INVALID_PARAMETER', `${what}: handle ${handle.number} is no image`);
  }
}
