import { readFile } from 'node:fs/promises';
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'oxc-transform';

// Node runs module hooks in a thread of their own, one instance a registration, and gives them no
// other place than the module for what they were registered with.
const registration: { packages: string | undefined } = { packages: undefined };

export const initialize: InitializeHook<{ packages: string }> = ({ packages }) => {
  registration.packages = packages;
};

/** A package of dxelab that is not installed beside the importing file is the lab's own. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(specifier, context);
  } catch (caught) {
    const { packages } = registration;
    if (packages === undefined || !specifier.startsWith('@dxelab/')) throw caught;
    return await nextResolve(specifier, { ...context, parentURL: packages });
  }
};

/** Strips the types of a TypeScript file, as Node itself does from 22.18 on. */
export const load: LoadHook = async (url, context, nextLoad) => {
  if (!/\.m?ts$/.test(new URL(url).pathname) || !url.startsWith('file:')) {
    return await nextLoad(url, context);
  }
  const path = fileURLToPath(url);
  const { code, errors } = transformSync(path, await readFile(path, 'utf8'), {
    target: 'es2022',
    typescript: { onlyRemoveTypeImports: true },
  });
  const [error] = errors;
  if (error !== undefined)
    throw new SyntaxError(`${path}: ${error.message}\n${error.codeframe ?? ''}`);
  return { format: 'module', shortCircuit: true, source: code };
};
