import { createRequire, register } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { existsSync } from 'node:fs';
import { HostError } from './host-error.ts';

/**
 * Lets this thread import TypeScript files: their types are stripped as they are loaded. A file that
 * does not find a package of dxelab where it stands gets the one that `packages` finds.
 * @param packages the URL of a module that has the packages
 */
export function registerTypeScript(packages: string): void {
  register(new URL('./typescript-hooks.js', import.meta.url), { data: { packages } });
}

/**
 * Imports a module and returns its namespace.
 * @param specifier an absolute path, or the name of a package
 * @param base the file that names it: packages are looked for from there
 * @throws HostError if there is no such module; whatever the module throws
 */
export async function loadModule(specifier: string, base: string): Promise<unknown> {
  if (!isAbsolute(specifier)) return await import(resolvePackage(specifier, base));
  if (!existsSync(specifier)) throw new HostError(`${specifier}: there is no such file`);
  return await import(pathToFileURL(specifier).href);
}

function resolvePackage(name: string, base: string): string {
  try {
    return pathToFileURL(createRequire(base).resolve(name)).href;
  } catch (caught) {
    throw new HostError(`package "${name}" is not installed where ${base} stands`, {
      cause: caught,
    });
  }
}
