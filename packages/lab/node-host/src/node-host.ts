import { dirname, resolve } from 'node:path';
import type { Host } from '@dxelab/scenario';
import { findQemu } from './find-qemu.ts';
import { loadModule, registerTypeScript } from './load-module.ts';
import { openDisk } from './open-disk.ts';

/**
 * The host of a scenario that runs on Node: files by their paths, relative to the file that names
 * them, and modules in JavaScript or TypeScript.
 * @param packages the URL of a module that has the packages of dxelab, for files that stand where
 *   none are installed
 */
export function createNodeHost(packages: string): Host {
  registerTypeScript(packages);
  return {
    resolve: (base, path) => resolve(dirname(base), path),
    openDisk: (path, { writable }) => openDisk(path, writable),
    loadModule,
    findQemu,
  };
}
