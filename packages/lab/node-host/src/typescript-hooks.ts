import { existsSync, readFileSync } from 'node:fs';
import type { LoadHook, ResolveFnOutput, ResolveHook } from 'node:module';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'oxc-transform';
import type { NamedPackage } from './package-specifier.ts';
import { namedPackage } from './package-specifier.ts';

/** How modules are found and loaded. Both work at once, and with a thread of hooks, where what comes next is awaited. */
export interface TypeScriptHooks {
  readonly resolve: ResolveHook;
  readonly load: LoadHook;
}

/**
 * Hooks that strip the types of TypeScript files, as Node itself does from 22.18 on, and that give files the
 * packages of the lab. One that is not installed beside the importing file is the lab's own. One that is, and is the
 * same that the lab has, is the code that the lab runs, also where that stands in a bundle: so there are no two
 * of each class.
 * @param packages the URL of a module that has the packages
 */
export function typeScriptHooks(packages: string): TypeScriptHooks {
  const lab = createRequire(packages);

  /** The URL of a package of dxelab as the lab has it; `undefined` of any other module. */
  function ownUrl(name: string): string | undefined {
    if (!name.startsWith('@dxelab/')) return undefined;
    try {
      return pathToFileURL(lab.resolve(name)).href;
    } catch {
      // the failure that counts is the one where the importing file stands
      return undefined;
    }
  }

  /** A bundle has a module for each of its packages, beside the one that registered these hooks. */
  function bundled(name: string, own: string): ResolveFnOutput {
    const url = new URL(`${name}.js`, packages);
    return { url: existsSync(url) ? url.href : own, format: 'module', shortCircuit: true };
  }

  return {
    resolve(specifier, context, nextResolve) {
      // what `ownUrl` asks comes by here, too, from Node 26 on
      if (context.parentURL === packages) return nextResolve(specifier, context);
      const named = namedPackage(specifier);
      const name = named?.name ?? specifier;
      const own = ownUrl(name);
      const found = (result: ResolveFnOutput): ResolveFnOutput =>
        own !== undefined && result.url === own ? bundled(name, own) : result;
      const missed = (caught: unknown): ResolveFnOutput => {
        if (own !== undefined) return bundled(name, own);
        throw named !== undefined && isNotFound(caught) ? notInstalled(named, caught) : caught;
      };
      try {
        const parentURL = named?.base ?? context.parentURL;
        const result = nextResolve(name, { ...context, parentURL });
        return result instanceof Promise ? result.then(found, missed) : found(result);
      } catch (caught) {
        return missed(caught);
      }
    },
    load(url, context, nextLoad) {
      if (!url.startsWith('file:') || !/\.m?ts$/.test(new URL(url).pathname)) {
        return nextLoad(url, context);
      }
      return { format: 'module', shortCircuit: true, source: withoutTypes(fileURLToPath(url)) };
    },
  };
}

function withoutTypes(path: string): string {
  const { code, map, errors } = transformSync(path, readFileSync(path, 'utf8'), {
    target: 'es2022',
    sourcemap: true,
    typescript: { onlyRemoveTypeImports: true },
  });
  const [error] = errors;
  if (error === undefined) return code + inlineMap(map);
  throw new SyntaxError(`${path}: ${error.message}\n${error.codeframe ?? ''}`);
}

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
