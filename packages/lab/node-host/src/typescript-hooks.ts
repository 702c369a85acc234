import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type {
  InitializeHook,
  LoadHook,
  ResolveFnOutput,
  ResolveHook,
  ResolveHookContext,
} from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'oxc-transform';
import type { NamedPackage } from './package-specifier.ts';
import { namedPackage } from './package-specifier.ts';

// Node runs module hooks in a thread of their own, one instance a registration, and gives them no
// other place than the module for what they were registered with.
const registration: { packages: string | undefined } = { packages: undefined };

export const initialize: InitializeHook<{ packages: string }> = ({ packages }) => {
  registration.packages = packages;
};

/**
 * A package of dxelab that is not installed beside the importing file is the lab's own. One that is, and is
 * the same that the lab has, is the code that the lab runs, also where that stands in a bundle: so there
 * are no two of each class.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const named = namedPackage(specifier);
  const name = named?.name ?? specifier;
  // nextResolve writes what it is given into the context
  const parentURL = named?.base ?? context.parentURL;
  const own = await resolveInLab(name, context, nextResolve);
  try {
    const found = await nextResolve(name, { ...context, parentURL });
    return own?.url === found.url ? bundled(name, own) : found;
  } catch (caught) {
    if (own !== undefined) return bundled(name, own);
    throw named !== undefined && isNotFound(caught) ? notInstalled(named, caught) : caught;
  }
};

/** A bundle has a module for each of its packages, beside the one that registered these hooks. */
function bundled(name: string, own: ResolveFnOutput): ResolveFnOutput {
  const url = new URL(`${name}.js`, registration.packages);
  return existsSync(url) ? { url: url.href, format: 'module', shortCircuit: true } : own;
}

async function resolveInLab(
  name: string,
  context: ResolveHookContext,
  nextResolve: Parameters<ResolveHook>[2],
): Promise<ResolveFnOutput | undefined> {
  const { packages } = registration;
  if (packages === undefined || !name.startsWith('@dxelab/')) return undefined;
  try {
    return await nextResolve(name, { ...context, parentURL: packages });
  } catch {
    // the failure that counts is the one where the importing file stands
    return undefined;
  }
}

/** Strips the types of a TypeScript file, as Node itself does from 22.18 on. */
export const load: LoadHook = async (url, context, nextLoad) => {
  if (!/\.m?ts$/.test(new URL(url).pathname) || !url.startsWith('file:')) {
    return await nextLoad(url, context);
  }
  const path = fileURLToPath(url);
  const { code, map, errors } = transformSync(path, await readFile(path, 'utf8'), {
    target: 'es2022',
    sourcemap: true,
    typescript: { onlyRemoveTypeImports: true },
  });
  const [error] = errors;
  if (error !== undefined)
    throw new SyntaxError(`${path}: ${error.message}\n${error.codeframe ?? ''}`);
  return { format: 'module', shortCircuit: true, source: code + inlineMap(map) };
};

/** So that a driver's ASSERT and the stack of its bug name its own lines. */
function inlineMap(map: unknown): string {
  const base64 = Buffer.from(JSON.stringify(map)).toString('base64');
  return `\n//# sourceMappingURL=data:application/json;base64,${base64}`;
}

function isNotFound(caught: unknown): boolean {
  return caught instanceof Error && 'code' in caught && caught.code === 'ERR_MODULE_NOT_FOUND';
}

function notInstalled({ name, base }: NamedPackage, cause: unknown): Error {
  return new Error(`package "${name}" is not installed where ${fileURLToPath(base)} stands`, {
    cause,
  });
}
