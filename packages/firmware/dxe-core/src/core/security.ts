import type { DevicePath, EfiError, EfiHandle } from '@dxelab/uefi';
import {
  appendDevicePath,
  DevicePathProtocol,
  Security2ArchProtocol,
  SecurityArchProtocol,
} from '@dxelab/uefi';
import type { HandleDatabase } from '../hand/handle-database.ts';
import { failureOf } from './failure-of.ts';

/** Asks the security architectural protocols, if a module has installed them (PI Vol. 2 §12). */
export class Security {
  readonly #database: HandleDatabase;

  constructor(database: HandleDatabase) {
    this.#database = database;
  }

  /**
   * Whether an image may be used. MdeModulePkg/Core/Dxe/Image/Image.c, CoreLoadImageCommon.
   * @returns what it was refused with
   */
  refusesImage(
    path: DevicePath | undefined,
    file: Uint8Array,
    bootPolicy: boolean,
  ): EfiError | undefined {
    const security2 = this.#database.findEntry(Security2ArchProtocol)?.first?.interface;
    if (security2 !== undefined) {
      return failureOf(() => security2.fileAuthentication(path, file, bootPolicy));
    }
    const security = this.#database.findEntry(SecurityArchProtocol)?.first?.interface;
    if (security === undefined || path === undefined) return undefined;
    return failureOf(() => security.fileAuthenticationState(0, path));
  }

  /**
   * Whether drivers may be connected to a controller; one without a device path is nobody's concern.
   * MdeModulePkg/Core/Dxe/Hand/DriverSupport.c, CoreConnectController.
   * @returns what it was refused with
   */
  refusesConnect(
    controller: EfiHandle,
    remaining: DevicePath | undefined,
    recursive: boolean,
  ): EfiError | undefined {
    const security2 = this.#database.findEntry(Security2ArchProtocol)?.first?.interface;
    if (security2 === undefined) return undefined;
    const path = this.#database.lookUp(controller, DevicePathProtocol)?.interface;
    if (!path) return undefined;
    const whole = remaining === undefined || recursive ? path : appendDevicePath(path, remaining);
    return failureOf(() => security2.fileAuthentication(whole, undefined, false));
  }
}
