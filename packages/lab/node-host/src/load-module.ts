import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HostError } from './host-error.ts';
import { packageSpecifier } from './package-specifier.ts';

/**
 * Lets this thread import TypeScript files: their types are stripped as they are loaded, and stacks
 * show their own lines. A file that does not find a package of dxelab where it stands gets the one
 * that `packages` finds.
 * @param packages the URL of a module that has the packages
 */
export async function registerTypeScript(packages: string): Promise<void> {
  process.setSourceMapsEnabled(true);
  if ('registerHooks' in nodeModule && typeof nodeModule.registerHooks === 'function') {
    // only now: on other Nodes this thread has no use for it
    const { typeScriptHooks } = await import('./typescript-hooks.ts');
    nodeModule.registerHooks(typeScriptHooks(packages));
    return;
  }
  nodeModule.register(new URL('./hooks-thread.js', import.meta.url), { data: { packages } });
}

/**
 * Imports a module and returns its namespace. Packages need `registerTypeScript`.
 * @param specifier an absolute path, or the name of a package
 * @param base the path of the file that names it: packages are looked for from there
 * @throws HostError if there is no such file; an Error with a readable message if there is no such
 *   package; whatever the module throws
 */
export async function loadModule(specifier: string, base: string): Promise<unknown> {
  if (!isAbsolute(specifier)) {
    const named = { name: specifier, base: pathToFileURL(base).href };
    return await import(packageSpecifier(named));
  }
  if (!existsSync(specifier)) throw new HostError(`${specifier}: there is no such file`);
  return await import(pathToFileURL(specifier).href);
}
