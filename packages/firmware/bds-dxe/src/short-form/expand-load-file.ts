import type { DevicePath, EfiBootServices, EfiHandle } from '@dxelab/uefi';
import {
  appendDevicePathNode,
  devicePathsEqual,
  isEfiFailure,
  LoadFileProtocol,
  uriNode,
} from '@dxelab/uefi';
import { connectAll, handlesWith } from '../connect.ts';
import { opened, pathOf } from '../opened.ts';
import { matchHttpBoot } from './match-http-boot.ts';

/**
 * The devices that can load what a short form with a URI means: each is asked, and says by its own path where it has
 * found it (UEFI §3.1.2, §24.7). BmExpandUriDevicePath of UefiBootManagerLib/BmBoot.c.
 */
export function expandUri(bs: EfiBootServices, path: DevicePath): readonly DevicePath[] {
  connectAll(bs);
  return handlesWith(bs, LoadFileProtocol).flatMap((handle) => loaded(bs, handle, path) ?? []);
}

/**
 * The device that loads files in its own way and has this path; or else the first whose path is another one for the
 * same boot over HTTP, or lacks but the URI: BmExpandLoadFiles.
 * @returns the device's own path, `undefined` if there is none, or if it loads nothing
 */
export function expandLoadFile(bs: EfiBootServices, path: DevicePath): DevicePath | undefined {
  const devices = handlesWith(bs, LoadFileProtocol).flatMap((handle) => {
    const place = pathOf(bs, handle);
    return place === undefined ? [] : { handle, place };
  });
  const exact = devices.find(({ place }) => devicePathsEqual(place, path));
  if (exact !== undefined) return exact.place;
  const another =
    devices.find(({ place }) => matchHttpBoot(place, path)) ??
    devices.find(({ place }) => matchHttpBoot(appendDevicePathNode(place, uriNode('')), path));
  return another && loaded(bs, another.handle, path);
}

/** The path of a device after it was asked for a file: it may say there what it has found. */
function loaded(bs: EfiBootServices, handle: EfiHandle, path: DevicePath): DevicePath | undefined {
  try {
    opened(bs, handle, LoadFileProtocol)?.loadFile(path, true);
    return pathOf(bs, handle);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    return undefined;
  }
}
