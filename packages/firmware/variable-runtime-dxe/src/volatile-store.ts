import type { EfiVariableName } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { VariableRecord } from './store/variable-record.ts';
import { recordSize } from './store/variable-record.ts';
import { VariableList } from './variable-list.ts';

/** The variables that a reset forgets. They take as much room as they would in the other store. */
export class VolatileStore {
  /** In bytes, of all records that fit. */
  readonly capacity: number;
  readonly #variables = new VariableList();
  #used = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** In bytes, of the records that are there. */
  get used(): number {
    return this.#used;
  }

  /** In order. */
  get variables(): Pick<VariableList, 'get' | 'first' | 'after' | typeof Symbol.iterator> {
    return this.#variables;
  }

  /** Creates a variable, or replaces it. @throws EFI_OUT_OF_RESOURCES if there is no room */
  put(record: VariableRecord): void {
    const old = this.#variables.get(record.name, record.vendor);
    const used = this.#used + sizeOf(record) - (old === undefined ? 0 : sizeOf(old));
    if (used > this.capacity) {
      throw new EfiError('EFI_OUT_OF_RESOURCES', `no room for ${record.name}`);
    }
    this.#variables.put({ ...record, offset: 0 });
    this.#used = used;
  }

  /** @throws EFI_NOT_FOUND */
  delete({ name, vendor }: EfiVariableName): void {
    const old = this.#variables.get(name, vendor);
    if (old === undefined) throw new EfiError('EFI_NOT_FOUND', `there is no variable ${name}`);
    this.#variables.delete(name, vendor);
    this.#used -= sizeOf(old);
  }
}

function sizeOf(record: VariableRecord): number {
  return recordSize(record.name, record.data.length);
}
