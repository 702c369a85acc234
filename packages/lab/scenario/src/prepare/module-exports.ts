import type { DxeModule } from '@dxelab/uefi-lib';
import { isDxeModule } from '@dxelab/uefi-lib';

/** What makes a module, in the order in which a message lists it. */
const MEMBERS = ['name', 'fileGuid', 'moduleType', 'entryPoint'];

/** The modules that a file exports, by themselves or in arrays, each once. */
export function modulesIn(namespace: unknown): readonly DxeModule[] {
  const found = exportsOf(namespace).flatMap(([, value]) =>
    Array.isArray(value) ? value.filter(isDxeModule) : [value].filter(isDxeModule),
  );
  return [...new Set(found)];
}

/** What a file exports, for the message that it is not what was wanted. */
export function describeExports(namespace: unknown): string {
  const all = exportsOf(namespace).map(([name, value]) => `'${name}' (${describe(value)})`);
  return all.length === 0 ? 'it exports nothing' : `it exports ${all.join(', ')}`;
}

/** An export by its name. */
export function exportOf(namespace: unknown, name: string): unknown {
  return exportsOf(namespace).find(([each]) => each === name)?.[1];
}

function exportsOf(namespace: unknown): readonly (readonly [string, unknown])[] {
  return typeof namespace === 'object' && namespace !== null ? Object.entries(namespace) : [];
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array without a module';
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const lacking = MEMBERS.filter((member) => !(member in value));
  if (lacking.length === MEMBERS.length) return 'an object';
  if (lacking.length === 0) return 'an object like a module, with a member of a wrong type';
  return `an object without ${lacking.join(', ')}`;
}
