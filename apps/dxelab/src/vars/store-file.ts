import { readFileSync } from 'node:fs';
import { HostError, replaceFile } from '@dxelab/node-host';
import { isEfiFailure } from '@dxelab/uefi';
import { MemoryStorage, OVMF_4M_VARIABLES_SIZE, VariableStore } from '@dxelab/variable-runtime-dxe';

/** A variable store of a file, in memory: the file changes when it is saved, and then all at once. */
export class StoreFile {
  readonly path: string;
  readonly store: VariableStore;
  readonly #storage: MemoryStorage;

  /** @throws HostError for what is no variable store */
  private constructor(path: string, storage: MemoryStorage) {
    this.path = path;
    this.#storage = storage;
    try {
      this.store = new VariableStore(storage);
    } catch (caught) {
      throw isEfiFailure(caught) ? new HostError(`${path}: ${caught.message}`) : caught;
    }
  }

  /** @throws HostError if there is no such file, or it is no variable store */
  static open(path: string): StoreFile {
    return new StoreFile(path, new MemoryStorage(read(path)));
  }

  /** An empty store, as large as that of OVMF's flash of 4 MiB. It is no file before it is saved. */
  static create(path: string): StoreFile {
    return new StoreFile(path, new MemoryStorage(OVMF_4M_VARIABLES_SIZE));
  }

  /** @throws HostError if the file cannot be written; then it is what it was */
  save(): void {
    replaceFile(this.path, this.#storage.bytes);
  }
}

function read(path: string): Uint8Array {
  try {
    return Uint8Array.from(readFileSync(path));
  } catch (caught) {
    throw HostError.about(path, caught);
  }
}
