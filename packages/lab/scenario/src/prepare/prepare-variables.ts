import { EfiError } from '@dxelab/uefi';
import type { NonVolatileStorage } from '@dxelab/variable-runtime-dxe';
import { MemoryStorage, OVMF_4M_VARIABLES_SIZE, VariableStore } from '@dxelab/variable-runtime-dxe';
import { BackendError, type BlockBackend } from '@dxelab/virtio-devices';
import type { OpenDisk } from '../host.ts';
import type { VariableData, VariablesData } from '../scenario.ts';
import { ScenarioError } from '../source/scenario-error.ts';
import type { ScenarioSource } from '../source/scenario-source.ts';

/** Where the variables of a boot are; `undefined` if it begins without any. */
export type PreparedVariables = () => NonVolatileStorage | undefined;

const PATH = ['firmware', 'variables'];

/**
 * Opens what a scenario says of its variables.
 * @throws ScenarioError at its place if it is no store, or has no room for all of them
 */
export function prepareVariables(
  variables: VariablesData | undefined,
  source: ScenarioSource,
  host: { openDisk(image: string, writable: boolean): OpenDisk },
): PreparedVariables {
  if (variables === undefined) return () => undefined;
  try {
    if (isList(variables)) return copies(listed(variables));
    if (!('file' in variables)) return () => variables;
    const { backend } = host.openDisk(variables.file, variables.writable);
    const content = new Uint8Array(backend.size);
    backend.read(0, content, 0, content.length);
    openCopy(content);
    if (!variables.writable) return copies(content);
    const storage = new BackendStorage(backend);
    return () => storage;
  } catch (caught) {
    if (caught instanceof ScenarioError) throw caught;
    const message = caught instanceof Error ? caught.message : String(caught);
    throw new ScenarioError([source.problem(PATH, message)], caught);
  }
}

/** A look at what may be no store at all; on a copy, because it can bring an interrupted write to its end. */
function openCopy(content: Uint8Array): VariableStore {
  return new VariableStore(new MemoryStorage(content.slice()));
}

/** A fresh one for every boot, so that the same scenario is the same boot. */
function copies(content: Uint8Array): PreparedVariables {
  return () => new MemoryStorage(content.slice());
}

function listed(variables: readonly VariableData[]): Uint8Array {
  const storage = new MemoryStorage(OVMF_4M_VARIABLES_SIZE);
  const store = new VariableStore(storage);
  for (const variable of variables) store.put({ ...variable, timeStamp: new Uint8Array(16) });
  return storage.bytes;
}

function isList(variables: VariablesData): variables is readonly VariableData[] {
  return Array.isArray(variables);
}

/** A file of the host as firmware's flash. */
class BackendStorage implements NonVolatileStorage {
  readonly #backend: BlockBackend;

  constructor(backend: BlockBackend) {
    this.#backend = backend;
  }

  get size(): number {
    return this.#backend.size;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    asFlash(() => this.#backend.read(offset, bytes, 0, length));
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    asFlash(() => this.#backend.write(offset, bytes, 0, bytes.length));
  }
}

/** What the host cannot do, the flash cannot. */
function asFlash(access: () => void): void {
  try {
    access();
  } catch (caught) {
    if (!(caught instanceof BackendError)) throw caught;
    throw new EfiError('EFI_DEVICE_ERROR', caught.message, { cause: caught });
  }
}
