import type { EfiBootServices, EfiHandle, EfiSystemTable, Guid } from '@dxelab/uefi';
import {
  appendDevicePathNode,
  convertDevicePathToText,
  EFI_EVENT_GROUP_AFTER_READY_TO_BOOT,
  EFI_EVENT_GROUP_READY_TO_BOOT,
  EfiError,
  filePathNode,
  isDevicePathValid,
  isEfiFailure,
  LOAD_OPTION_ACTIVE,
  LoadedImageProtocol,
  loadOptionName,
  writeLoadOptionOrder,
  type DevicePath,
} from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, DEBUG_INFO } from '@dxelab/uefi-lib';
import { bootFiles, volumes } from './boot-files.ts';
import type { BootAttempt, BootOption } from './boot-option.ts';
import { connectAll } from './connect.ts';
import { isMenu } from './menu/menu-file.ts';
import { print } from './print.ts';
import { readImageFile } from './read-image-file.ts';
import { repairControllers } from './repair-controllers.ts';
import { signalEventGroup } from './signal-event-group.ts';
import { lendNumber } from './variables/boot-numbers.ts';
import { deleteGlobal, writeVolatileGlobal } from './variables/global-variables.ts';
import type { NumberedOption } from './variables/load-options.ts';
import { loadOptionsOf } from './variables/load-options.ts';

const WATCHDOG_SECONDS = 5 * 60;

/** What the boot manager is made of. */
export interface BootManagerContext extends Pick<ModuleLibraries, 'debug' | 'quirks' | 'ram'> {
  readonly imageHandle: EfiHandle;
  readonly systemTable: EfiSystemTable;
  readonly removableMediaFile: string;
  /** FILE_GUID of the boot menu, if there is one. */
  readonly menuFile: Guid | undefined;
  readonly onAttempt: (attempt: BootAttempt) => void;
}

/** What became of an option or of a file of it: it did not even start, or it failed, or it returned successfully. */
export type BootResult = 'not-loaded' | 'failed' | 'ran';

/** Starts boot options, one after the other (UEFI §3.1; MdeModulePkg/Library/UefiBootManagerLib). */
export class BootManager {
  readonly #context: BootManagerContext;
  readonly #bs: EfiBootServices;

  constructor(context: BootManagerContext) {
    this.#context = context;
    this.#bs = context.systemTable.bootServices;
  }

  /** Boots an option: the first file of it that runs successfully is the one. It may return. */
  boot(option: BootOption): BootResult {
    const { systemTable, quirks } = this.#context;
    const { runtimeServices: rs } = systemTable;
    const lent = option.number === undefined ? lendNumber(rs, option, quirks) : undefined;
    const number = option.number ?? lent?.number;
    if (number !== undefined) {
      writeVolatileGlobal(rs, 'BootCurrent', writeLoadOptionOrder([number]));
    }
    // the menu is no boot: those that it starts are
    if (!isMenu(option, this.#context.menuFile)) this.#prepareToBoot();
    const result = this.#bootFiles(option);
    const isCurrent = result === 'not-loaded' && quirks.has('BdsDxe.BootCurrentStays');
    if (number === undefined) return result;
    if (!isCurrent) deleteGlobal(rs, 'BootCurrent');
    if (lent?.isTemporary === true) deleteGlobal(rs, loadOptionName('Boot', number));
    return result;
  }

  /**
   * Starts an option of a driver or of what prepares the system, if it is active.
   * @returns whether a file of it ran successfully
   */
  process(option: NumberedOption): boolean {
    if ((option.attributes & LOAD_OPTION_ACTIVE) === 0) return false;
    return this.#filesOf(option).some((file) => this.#start(option, file, false) === 'ran');
  }

  /** The same with an option that recovers the platform: that is a boot (UEFI §3.4, §7.1.2). */
  recover(option: NumberedOption): boolean {
    if ((option.attributes & LOAD_OPTION_ACTIVE) === 0) return false;
    this.#signalReadyToBoot();
    return this.process(option);
  }

  /** Boots the removable-media file of every volume there is. It may return. */
  bootRemovableMedia(): void {
    connectAll(this.#bs);
    for (const volume of volumes(this.#bs)) {
      this.#prepareToBoot();
      const file = appendDevicePathNode(volume, filePathNode(this.#context.removableMediaFile));
      this.#start({ description: 'removable media', devicePath: volume }, file, true);
    }
  }

  /**
   * Tries the files of a boot option until one has run successfully. With BdsDxe.OnlyFirstFile the first that
   * can be read and looks like an application decides, whatever comes of it.
   */
  #bootFiles(option: BootOption): BootResult {
    const { quirks, ram } = this.#context;
    const isFirstOnly = quirks.has('BdsDxe.OnlyFirstFile');
    let result: BootResult = 'not-loaded';
    for (const file of this.#filesOf(option)) {
      const content = isFirstOnly ? readImageFile(this.#bs, ram, file) : undefined;
      const one = this.#start(option, file, true, content);
      if (one !== 'not-loaded') result = one;
      if (one === 'ran' || content !== undefined) break;
    }
    return result;
  }

  /** The files that an option can mean; if there are none, it has failed. */
  #filesOf(option: BootOption): readonly DevicePath[] {
    const { devicePath } = option;
    try {
      const files = bootFiles(this.#bs, devicePath, this.#context.removableMediaFile);
      if (files.length > 0) return files;
      throw new EfiError('EFI_NOT_FOUND', 'no device of this machine has that path');
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      this.#failed(option, devicePath, caught);
      return [];
    }
  }

  /** @param content of the file, if it was read already */
  #start(
    option: BootOption,
    file: DevicePath,
    bootPolicy: boolean,
    content?: Uint8Array,
  ): BootResult {
    const { imageHandle, debug, onAttempt } = this.#context;
    const devicePath = convertDevicePathToText(file);
    let isLoaded = false;
    try {
      const image = this.#bs.loadImage(bootPolicy, imageHandle, file, content);
      isLoaded = true;
      const loadedImage = this.#bs.handleProtocol(image, LoadedImageProtocol);
      loadedImage.loadOptions = loadOptionsOf(option);
      if (bootPolicy) loadedImage.parentHandle = undefined;
      debug.debug(DEBUG_INFO, `starting "${option.description}" from ${devicePath}`);
      this.#startWatched(image);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      this.#failed(option, file, caught);
      return isLoaded ? 'failed' : 'not-loaded';
    }
    onAttempt({ description: option.description, devicePath, status: 'EFI_SUCCESS', reason: '' });
    return 'ran';
  }

  /** Five minutes for an image to leave boot services or to return, if there is a watchdog (UEFI §3.1.2). */
  #startWatched(image: EfiHandle): void {
    this.#setWatchdog(WATCHDOG_SECONDS);
    try {
      this.#bs.startImage(image);
    } finally {
      this.#setWatchdog(0);
    }
  }

  #setWatchdog(seconds: number): void {
    try {
      this.#bs.setWatchdogTimer(seconds, 0n);
    } catch (caught) {
      // a volume without a watchdog boots all the same
      if (!isEfiFailure(caught)) throw caught;
    }
  }

  #failed(option: BootOption, path: DevicePath, error: EfiError): void {
    const { systemTable, debug, onAttempt } = this.#context;
    const devicePath = isDevicePathValid(path)
      ? convertDevicePathToText(path)
      : 'a malformed device path';
    const message = `"${option.description}" from ${devicePath} failed: ${error.message}`;
    debug.debug(DEBUG_ERROR, message);
    print(systemTable, `BdsDxe: ${message}\r\n`);
    onAttempt({
      description: option.description,
      devicePath,
      status: error.status,
      reason: error.message,
    });
  }

  /** Whoever wants may get ready; then controllers that are not well are repaired. */
  #prepareToBoot(): void {
    this.#signalReadyToBoot();
    repairControllers(this.#context.systemTable, this.#context.debug);
  }

  /** Before each attempt: the last chance to change something (UEFI §7.1.2). */
  #signalReadyToBoot(): void {
    signalEventGroup(this.#bs, EFI_EVENT_GROUP_READY_TO_BOOT);
    signalEventGroup(this.#bs, EFI_EVENT_GROUP_AFTER_READY_TO_BOOT);
  }
}
