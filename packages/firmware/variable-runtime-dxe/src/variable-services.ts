import type {
  EfiVariable,
  EfiVariableInfo,
  EfiVariableName,
  EfiVariableServices,
  Guid,
} from '@dxelab/uefi';
import {
  EFI_VARIABLE_APPEND_WRITE,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS,
  EfiError,
} from '@dxelab/uefi';
import type { AuthenticatedWrite } from './checks/authenticated-write.ts';
import { isLater, readAuthenticatedWrite } from './checks/authenticated-write.ts';
import { checkQueryAttributes, checkSetAttributes, isDeletion } from './checks/check-attributes.ts';
import { checkDefinedVariable } from './checks/defined-variables.ts';
import { HEADER_LENGTH } from './store/variable-record.ts';
import type { VariableRecord } from './store/variable-record.ts';
import type { VariableStore } from './store/variable-store.ts';
import type { VariableEntry } from './variable-list.ts';
import { VolatileStore } from './volatile-store.ts';

/** What an authenticated write asks for, and what its signature must cover (UEFI §8.2.2). */
export interface VerifyRequest extends AuthenticatedWrite, EfiVariableName {
  readonly attributes: number;
}

/** How the services behave. */
export interface VariableServicesOptions {
  /** PcdMaxVariableSize: in bytes, header and name included. */
  readonly maximumVariableSize: number;
  /** In bytes, of all volatile variables. */
  readonly volatileSize: number;
  /** Whether attributes of authenticated writes are known: VariableRuntimeDxe.NoAuthentication. */
  readonly authenticates: boolean;
  /** Whether a signature is one that the platform accepts. */
  readonly verify: (request: VerifyRequest) => boolean;
}

const NO_TIME = new Uint8Array(16);

/** Variable services (UEFI §8.2; MdeModulePkg/Universal/Variable/RuntimeDxe/Variable.c). */
export class VariableServices implements EfiVariableServices {
  readonly #store: VariableStore;
  readonly #volatile: VolatileStore;
  readonly #options: VariableServicesOptions;
  #atRuntime = false;

  constructor(store: VariableStore, options: VariableServicesOptions) {
    this.#store = store;
    this.#volatile = new VolatileStore(options.volatileSize);
    this.#options = options;
  }

  /** From now on only what has runtime access is there, and only what lasts can be changed. */
  exitBootServices(): void {
    this.#atRuntime = true;
  }

  getVariable(name: string, vendor: Guid): EfiVariable {
    const found = this.#find(name, vendor);
    if (found === undefined || !this.#isVisible(found)) {
      throw new EfiError('EFI_NOT_FOUND', `there is no variable ${name} of ${vendor}`);
    }
    return { attributes: found.attributes, data: found.data.slice() };
  }

  getNextVariableName(previous: EfiVariableName | undefined): EfiVariableName | undefined {
    if (previous !== undefined) this.#checkVisible(previous);
    let next = previous === undefined ? this.#first() : this.#after(previous);
    while (next !== undefined && !this.#isVisible(next)) next = this.#after(next);
    return next && { name: next.name, vendor: next.vendor };
  }

  setVariable(name: string, vendor: Guid, attributes: number, data: Uint8Array): void {
    if (name === '' || name.includes('\0')) {
      throw new EfiError('EFI_INVALID_PARAMETER', 'a variable has a name, and no NUL in it');
    }
    checkSetAttributes(attributes, this.#options.authenticates);
    const isTimeBased = (attributes & EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS) !== 0;
    const write = isTimeBased ? readAuthenticatedWrite(data) : { timeStamp: NO_TIME, data };
    this.#checkSize(name, write.data.length);
    checkDefinedVariable(name, vendor, attributes, write.data);
    const old = this.#find(name, vendor);
    if (old !== undefined) this.#checkChange(old, attributes);
    if ('signature' in write) this.#authenticate({ name, vendor, attributes, ...write }, old);
    this.#update({ name, vendor, attributes, ...write }, old);
  }

  queryVariableInfo(attributes: number): EfiVariableInfo {
    checkQueryAttributes(attributes, this.#options.authenticates, this.#atRuntime);
    const { capacity, used } = this.#storeOf(attributes);
    const remaining = capacity - used;
    return {
      maximumVariableStorageSize: capacity,
      remainingVariableStorageSize: remaining,
      maximumVariableSize: Math.max(
        0,
        Math.min(this.#options.maximumVariableSize, remaining) - HEADER_LENGTH,
      ),
    };
  }

  /** All that there are, for whoever watches: those that a reset forgets first. */
  get variables(): Iterable<VariableEntry> {
    return [...this.#volatile.variables, ...this.#store.variables];
  }

  /** Volatile variables stand before the others. */
  #find(name: string, vendor: Guid): VariableEntry | undefined {
    return this.#volatile.variables.get(name, vendor) ?? this.#store.variables.get(name, vendor);
  }

  #first(): VariableEntry | undefined {
    return this.#volatile.variables.first ?? this.#store.variables.first;
  }

  /** The variable behind one that is there. */
  #after(previous: EfiVariableName): VariableEntry | undefined {
    const { name, vendor } = previous;
    const isVolatile = this.#volatile.variables.get(name, vendor) !== undefined;
    if (!isVolatile) return this.#store.variables.after(previous);
    return this.#volatile.variables.after(previous) ?? this.#store.variables.first;
  }

  #checkVisible({ name, vendor }: EfiVariableName): void {
    const found = this.#find(name, vendor);
    if (found !== undefined && this.#isVisible(found)) return;
    throw new EfiError('EFI_INVALID_PARAMETER', `there is no variable ${name} of ${vendor}`);
  }

  #isVisible(entry: VariableEntry): boolean {
    return !this.#atRuntime || (entry.attributes & EFI_VARIABLE_RUNTIME_ACCESS) !== 0;
  }

  #storeOf(attributes: number): VariableStore | VolatileStore {
    return (attributes & EFI_VARIABLE_NON_VOLATILE) === 0 ? this.#volatile : this.#store;
  }

  #checkSize(name: string, length: number): void {
    const size = HEADER_LENGTH + (name.length + 1) * 2 + length;
    if (size <= this.#options.maximumVariableSize) return;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `${name} would take ${size} bytes of ${this.#options.maximumVariableSize}`,
    );
  }

  #checkChange(old: VariableEntry, attributes: number): void {
    if (!this.#isVisible(old)) {
      throw new EfiError('EFI_WRITE_PROTECTED', `${old.name} has no runtime access`);
    }
    const wanted = attributes & ~EFI_VARIABLE_APPEND_WRITE;
    if (attributes !== 0 && wanted !== old.attributes) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `${old.name} has the attributes 0x${old.attributes.toString(16)}, not 0x${wanted.toString(16)}`,
      );
    }
    const isLocked = (old.attributes & EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS) !== 0;
    if (attributes === 0 && isLocked) {
      throw new EfiError('EFI_WRITE_PROTECTED', `${old.name} is deleted by its key holder only`);
    }
  }

  #authenticate(request: VerifyRequest, old: VariableEntry | undefined): void {
    const isAppended = (request.attributes & EFI_VARIABLE_APPEND_WRITE) !== 0;
    if (old !== undefined && !isAppended && !isLater(request.timeStamp, old.timeStamp)) {
      throw new EfiError('EFI_SECURITY_VIOLATION', 'the time stamp is not later than the last');
    }
    if (this.#options.verify(request)) return;
    throw new EfiError(
      'EFI_SECURITY_VIOLATION',
      `nobody vouches for the signature of ${request.name}`,
    );
  }

  /** UpdateVariable of Variable.c: what is left to be checked depends on what is there. */
  #update(wanted: VariableRecord, old: VariableEntry | undefined): void {
    const { name, attributes, data } = wanted;
    const isAppended = (attributes & EFI_VARIABLE_APPEND_WRITE) !== 0;
    if (old === undefined) {
      if (isAppended && data.length === 0) return;
      if (isDeletion(attributes, data.length)) {
        throw new EfiError('EFI_NOT_FOUND', `there is no variable ${name} to delete`);
      }
      this.#checkCreation(attributes);
      this.#put(wanted);
      return;
    }
    const isVolatile = (old.attributes & EFI_VARIABLE_NON_VOLATILE) === 0;
    if (this.#atRuntime && isVolatile) {
      throw new EfiError(
        'EFI_WRITE_PROTECTED',
        `${name} is volatile, and cannot be changed any more`,
      );
    }
    if (isDeletion(attributes, data.length)) {
      this.#storeOf(old.attributes).delete(old);
      return;
    }
    if (isAppended) this.#append(wanted, old);
    else if (!isSame(wanted, old)) this.#put(wanted);
  }

  #checkCreation(attributes: number): void {
    const lasting = EFI_VARIABLE_RUNTIME_ACCESS | EFI_VARIABLE_NON_VOLATILE;
    if (!this.#atRuntime || (attributes & lasting) === lasting) return;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      'a new variable at runtime is non-volatile, and has runtime access',
    );
  }

  #append(wanted: VariableRecord, old: VariableEntry): void {
    if (wanted.data.length === 0) return;
    const data = new Uint8Array(old.data.length + wanted.data.length);
    data.set(old.data);
    data.set(wanted.data, old.data.length);
    this.#checkSize(wanted.name, data.length);
    const timeStamp = isLater(wanted.timeStamp, old.timeStamp) ? wanted.timeStamp : old.timeStamp;
    this.#put({ ...wanted, data, timeStamp });
  }

  #put(wanted: VariableRecord): void {
    const { name, vendor, timeStamp } = wanted;
    const attributes = wanted.attributes & ~EFI_VARIABLE_APPEND_WRITE;
    const record = { name, vendor, attributes, data: wanted.data.slice(), timeStamp };
    if ((attributes & EFI_VARIABLE_NON_VOLATILE) === 0) this.#volatile.put(record);
    else this.#store.put(record, !this.#atRuntime);
  }
}

/** Whether nothing is to be written: not even the time of an authenticated write. */
function isSame(wanted: VariableRecord, old: VariableEntry): boolean {
  return isEqual(wanted.timeStamp, NO_TIME) && isEqual(wanted.data, old.data);
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
