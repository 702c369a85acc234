import type { DevicePath } from '@dxelab/uefi';
import { getDevicePathSize } from '@dxelab/uefi';
import type { InstalledInterface } from './protocol-entry.ts';

/** Of an End Entire node, in bytes (UEFI §10.3.1). */
const END_NODE_LENGTH = 4;

/** How many bytes become characters at once: all of most paths, and no more than a call can take. */
const KEY_CHUNK = 1024;

/**
 * The installed device paths by their bytes, so that to look one up does not mean to compare it with
 * all of them. The End Entire node does not count, and a malformed path is nobody's.
 */
export class DevicePathIndex {
  readonly #byBytes = new Map<string, Set<InstalledInterface>>();
  /** Kept, because the owner of a path could change its bytes meanwhile. */
  readonly #keys = new Map<InstalledInterface, string>();

  add(installed: InstalledInterface): void {
    const path = installed.interface;
    const body = path instanceof Uint8Array ? bodyOf(path) : undefined;
    if (body === undefined) return;
    const key = keyOf(body);
    this.#keys.set(installed, key);
    const same = this.#byBytes.get(key);
    if (same === undefined) this.#byBytes.set(key, new Set([installed]));
    else same.add(installed);
  }

  remove(installed: InstalledInterface): void {
    const key = this.#keys.get(installed);
    if (key === undefined) return;
    this.#keys.delete(installed);
    const same = this.#byBytes.get(key);
    same?.delete(installed);
    if (same?.size === 0) this.#byBytes.delete(key);
  }

  /** An interface with the nodes of a path, if it is installed on any handle. */
  find(path: DevicePath): InstalledInterface | undefined {
    const body = bodyOf(path);
    if (body === undefined) return undefined;
    for (const installed of this.withBody(body)) return installed;
    return undefined;
  }

  /** The interfaces that have exactly these nodes. */
  withBody(body: Uint8Array): Iterable<InstalledInterface> {
    return this.#byBytes.get(keyOf(body)) ?? [];
  }
}

/** A path without its End Entire node; nothing if it is malformed. */
function bodyOf(path: DevicePath): Uint8Array | undefined {
  const size = getDevicePathSize(path);
  return size === 0 ? undefined : path.subarray(0, size - END_NODE_LENGTH);
}

/** One character for each byte. */
function keyOf(body: Uint8Array): string {
  let key = '';
  for (let at = 0; at < body.length; at += KEY_CHUNK) {
    key += String.fromCharCode(...body.subarray(at, at + KEY_CHUNK));
  }
  return key;
}
