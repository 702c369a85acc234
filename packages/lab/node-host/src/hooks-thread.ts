// The hooks in a thread of their own, for Node up to 22.14: there it has no other place for them.
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';
import type { TypeScriptHooks } from './typescript-hooks.ts';
import { typeScriptHooks } from './typescript-hooks.ts';

// Node loads one instance a registration, and gives it no other place than the module for what it was registered with.
const registration: { hooks: TypeScriptHooks | undefined } = { hooks: undefined };

export const initialize: InitializeHook<{ packages: string }> = ({ packages }) => {
  registration.hooks = typeScriptHooks(packages);
};

export const resolve: ResolveHook = (specifier, context, nextResolve) =>
  registration.hooks?.resolve(specifier, context, nextResolve) ?? nextResolve(specifier, context);

export const load: LoadHook = (url, context, nextLoad) =>
  registration.hooks?.load(url, context, nextLoad) ?? nextLoad(url, context);
