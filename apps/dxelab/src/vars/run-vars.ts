import { existsSync } from 'node:fs';
import { HostError } from '@dxelab/node-host';
import type { Style } from '../render/style.ts';
import { storeText, variableText } from '../render/variables-text.ts';
import type { DescribedVariable } from './describe-variable.ts';
import { describeStore, describeVariable } from './describe-variable.ts';
import { requireVariable } from './find-variable.ts';
import { readOptions } from './read-options.ts';
import { setVariable } from './set-variable.ts';
import { StoreFile } from './store-file.ts';
import type { VarsAction, VarsFlags } from './vars-options.ts';

/** What the command line asks for. */
export interface VarsRequest {
  readonly file: string;
  readonly action: VarsAction;
  readonly name: string | undefined;
  readonly value: string | undefined;
  readonly options: VarsFlags;
}

/** What is to be printed: the same as data and as text. Or why there is nothing. */
export type VarsResult =
  | { readonly data: object; text(style: Style): string }
  | { readonly problem: string };

/** Does what `dxelab vars` is asked for. */
export async function runVars(request: VarsRequest): Promise<VarsResult> {
  try {
    return await run(request);
  } catch (caught) {
    if (caught instanceof HostError) return { problem: caught.message };
    throw caught;
  }
}

async function run({
  file,
  action,
  name,
  value,
  options: flags,
}: VarsRequest): Promise<VarsResult> {
  const options = readOptions(flags);
  checkArguments(action, name, value);
  if (action === 'create') return create(file);
  const opened = StoreFile.open(file);
  if (name === undefined || action === 'list') return store(opened);
  if (action === 'set') {
    await setVariable(opened, name, value ?? '', options);
    opened.save();
  }
  const found = await requireVariable(opened, name, options.vendor);
  const described = describeVariable(found);
  if (action === 'delete') {
    opened.store.delete(found);
    opened.save();
    return { data: described, text: () => `${name} is deleted from ${file}\n` };
  }
  return variable(described);
}

const NEEDED: Readonly<Record<VarsAction, 0 | 1 | 2>> = {
  list: 0,
  show: 1,
  set: 2,
  delete: 1,
  create: 0,
};

/** @throws HostError that says what is missing, or is one too many */
function checkArguments(
  action: VarsAction,
  name: string | undefined,
  value: string | undefined,
): void {
  const needed = NEEDED[action];
  if (needed > 0 && name === undefined) {
    throw new HostError(`${action} wants the name of a variable`);
  }
  if (needed > 1 && value === undefined) {
    throw new HostError(`set ${name} wants a value: dxelab vars FILE delete ${name} deletes it`);
  }
  const extra = [name, value][needed];
  if (extra !== undefined) throw new HostError(`${action} knows nothing to do with '${extra}'`);
}

function create(file: string): VarsResult {
  if (existsSync(file)) throw new HostError(`${file} exists already: it is left as it is`);
  const made = StoreFile.create(file);
  made.save();
  return store(made);
}

function store({ path, store: opened }: StoreFile): VarsResult {
  const data = describeStore(path, opened);
  return { data, text: (style) => storeText(data, style) };
}

function variable(data: DescribedVariable): VarsResult {
  return { data, text: (style) => variableText(data, style) };
}
