import { dirname, resolve } from 'node:path';
import type { Host } from '@dxelab/scenario';
import { fillRandom } from './fill-random.ts';
import { findQemu } from './find-qemu.ts';
import { loadModule, registerTypeScript } from './load-module.ts';
import { openDisk } from './open-disk.ts';

/**
 * The host of a scenario that runs on Node: files by their paths, relative to the file that names
 * them, and modules in JavaScript or TypeScript.
 * @param packages the URL of a module that has the packages of dxelab, for files that stand where
 *   none are installed; a bundle that this module is in has them beside it, as `@dxelab/uefi.js`
 */
export function createNodeHost(packages: string): Host {
  let registered: Promise<void> | undefined;
  return {
    resolve: (base, path) => resolve(dirname(base), path),
    openDisk: (path, { writable }) => openDisk(path, writable),
    async loadModule(specifier, base) {
      // only now: on older Nodes such hooks have a thread of their own, which takes a while to start
      registered ??= registerTypeScript(packages);
      await registered;
      return await loadModule(specifier, base);
    },
    fillRandom,
    now: () => Math.floor(Date.now() / 1000),
    findQemu,
  };
}
