import type {
  EfiBootServices,
  EfiHandle,
  EfiRuntimeServices,
  EfiSimpleTextOutput,
  EfiSystemTable,
  Guid,
} from '@dxelab/uefi';

/** What all faces of the system table show. */
export interface SystemTableState {
  readonly revision: number;
  conOut: EfiSimpleTextOutput | undefined;
  consoleOutHandle: EfiHandle | undefined;
  stdErr: EfiSimpleTextOutput | undefined;
  readonly configurationTable: Map<Guid, unknown>;
}

const FIRMWARE_REVISION = 0x00010000;

/** One image's face of the system table (UEFI §4.3): the tables are shared, the services know whose they are. */
export class SystemTableFace implements EfiSystemTable {
  readonly firmwareVendor: string = 'dxelab';
  readonly firmwareRevision: number = FIRMWARE_REVISION;
  readonly bootServices: EfiBootServices;
  readonly runtimeServices: EfiRuntimeServices;
  readonly #state: SystemTableState;

  constructor(
    state: SystemTableState,
    bootServices: EfiBootServices,
    runtimeServices: EfiRuntimeServices,
  ) {
    this.#state = state;
    this.bootServices = bootServices;
    this.runtimeServices = runtimeServices;
  }

  get revision(): number {
    return this.#state.revision;
  }

  get conOut(): EfiSimpleTextOutput | undefined {
    return this.#state.conOut;
  }

  set conOut(output: EfiSimpleTextOutput | undefined) {
    this.#state.conOut = output;
  }

  get consoleOutHandle(): EfiHandle | undefined {
    return this.#state.consoleOutHandle;
  }

  set consoleOutHandle(handle: EfiHandle | undefined) {
    this.#state.consoleOutHandle = handle;
  }

  get stdErr(): EfiSimpleTextOutput | undefined {
    return this.#state.stdErr;
  }

  set stdErr(output: EfiSimpleTextOutput | undefined) {
    this.#state.stdErr = output;
  }

  get configurationTable(): ReadonlyMap<Guid, unknown> {
    return this.#state.configurationTable;
  }
}
