import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Lets this thread import TypeScript files: their types are stripped as they are loaded. A file that
 * does not find a package of dxelab where it stands gets the one that `fallback` finds.
 * @param fallback the URL of a module that has the packages
 */
export function registerTypeScript(fallback: string): void {
  register(new URL('./typescript-hooks.js', import.meta.url), { data: { fallback } });
}

/** Imports a module by its path. @throws whatever the module throws */
export async function loadModule(path: string): Promise<unknown> {
  return await import(pathToFileURL(path).href);
}
