import { HostError } from '@dxelab/node-host';
import { GLOBAL_VARIABLE_NAMES, type Guid } from '@dxelab/uefi';
import type { VariableEntry } from '@dxelab/variable-runtime-dxe';
import type { StoreFile } from './store-file.ts';

/**
 * The variable of a name, which without a vendor must be the only one that is called so.
 * @returns `undefined` if there is none
 * @throws HostError if there are several
 */
export function findVariable(
  { store, path }: StoreFile,
  name: string,
  vendor: Guid | undefined,
): VariableEntry | undefined {
  if (vendor !== undefined) return store.variables.get(name, vendor);
  const [found, ...others] = [...store.variables].filter((each) => each.name === name);
  if (found === undefined || others.length === 0) return found;
  const vendors = [found, ...others].map((each) => each.vendor).join(', ');
  throw new HostError(
    `${path} has several variables ${name}: give the --vendor, one of ${vendors}`,
  );
}

/** The same, of which there must be one. @throws HostError */
export async function requireVariable(
  file: StoreFile,
  name: string,
  vendor: Guid | undefined,
): Promise<VariableEntry> {
  const found = findVariable(file, name, vendor);
  if (found !== undefined) return found;
  const known = [...file.store.variables].map((each) => each.name);
  const whose = vendor === undefined ? '' : ` of ${vendor}`;
  throw new HostError(`${file.path} has no variable ${name}${whose}${await hint(name, known)}`);
}

/** What was probably meant among the names that the specification knows. */
export function hintGlobal(name: string): Promise<string> {
  return hint(name, GLOBAL_VARIABLE_NAMES);
}

async function hint(name: string, known: readonly string[]): Promise<string> {
  // only now: nothing else here needs the lab
  const { didYouMean } = await import('@dxelab/scenario');
  return didYouMean(name, known);
}
