import type { EfiBootServices, EfiHandle, EfiSystemTable } from '@dxelab/uefi';
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
import type { DebugLib, Quirks } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, DEBUG_INFO } from '@dxelab/uefi-lib';
import { bootFiles, volumes } from './boot-files.ts';
import type { BootAttempt, BootOption } from './boot-option.ts';
import { connectAll } from './connect.ts';
import { repairControllers } from './repair-controllers.ts';
import { signalEventGroup } from './signal-event-group.ts';
import { deleteGlobal, writeVolatileGlobal } from './variables/global-variables.ts';
import type { NumberedOption } from './variables/load-options.ts';
import { lendNumber, loadOptionsOf } from './variables/load-options.ts';

const WATCHDOG_SECONDS = 5 * 60;

/** What the boot manager is made of. */
export interface BootManagerContext {
  readonly imageHandle: EfiHandle;
  readonly systemTable: EfiSystemTable;
  readonly debug: DebugLib;
  readonly quirks: Quirks;
  readonly removableMediaFile: string;
  readonly onAttempt: (attempt: BootAttempt) => void;
}

/** Starts boot options, one after the other (UEFI §3.1; MdeModulePkg/Library/UefiBootManagerLib). */
export class BootManager {
  readonly #context: BootManagerContext;
  readonly #bs: EfiBootServices;

  constructor(context: BootManagerContext) {
    this.#context = context;
    this.#bs = context.systemTable.bootServices;
  }

  /** Boots an option: the first file of it that runs successfully is the one. It may return. */
  boot(option: BootOption): void {
    const { systemTable, quirks } = this.#context;
    const { runtimeServices: rs } = systemTable;
    const lent = option.number === undefined ? lendNumber(rs, option, quirks) : undefined;
    const number = option.number ?? lent?.number;
    if (number !== undefined) {
      writeVolatileGlobal(rs, 'BootCurrent', writeLoadOptionOrder([number]));
    }
    this.#prepareToBoot();
    this.#filesOf(option).some((file) => this.#start(option, file, true));
    if (number === undefined) return;
    deleteGlobal(rs, 'BootCurrent');
    if (lent?.isTemporary === true) deleteGlobal(rs, loadOptionName('Boot', number));
  }

  /**
   * Starts an option of a driver or of what prepares the system, if it is active.
   * @returns whether a file of it ran successfully
   */
  process(option: NumberedOption): boolean {
    if ((option.attributes & LOAD_OPTION_ACTIVE) === 0) return false;
    return this.#filesOf(option).some((file) => this.#start(option, file, false));
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

  /** @returns whether the file ran and returned successfully */
  #start(option: BootOption, file: DevicePath, bootPolicy: boolean): boolean {
    const { imageHandle, debug, onAttempt } = this.#context;
    const devicePath = convertDevicePathToText(file);
    try {
      const image = this.#bs.loadImage(bootPolicy, imageHandle, file);
      const loadedImage = this.#bs.handleProtocol(image, LoadedImageProtocol);
      loadedImage.loadOptions = loadOptionsOf(option);
      if (bootPolicy) loadedImage.parentHandle = undefined;
      debug.debug(DEBUG_INFO, `starting "${option.description}" from ${devicePath}`);
      this.#startWatched(image);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      this.#failed(option, file, caught);
      return false;
    }
    onAttempt({ description: option.description, devicePath, status: 'EFI_SUCCESS', reason: '' });
    return true;
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
    const { debug, onAttempt } = this.#context;
    const devicePath = isDevicePathValid(path)
      ? convertDevicePathToText(path)
      : 'a malformed device path';
    const message = `"${option.description}" from ${devicePath} failed: ${error.message}`;
    debug.debug(DEBUG_ERROR, message);
    this.#print(`BdsDxe: ${message}\r\n`);
    onAttempt({
      description: option.description,
      devicePath,
      status: error.status,
      reason: error.message,
    });
  }

  /** A console that is out of order is no reason not to boot. */
  #print(text: string): void {
    try {
      this.#context.systemTable.conOut?.outputString(text);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
    }
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
