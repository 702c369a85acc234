import type {
  EfiBootServices,
  EfiHandle,
  EfiRuntimeServices,
  EfiSimpleTextInput,
  EfiSimpleTextOutput,
  EfiSystemTable,
  Guid,
  PhysicalAddress,
} from '@dxelab/uefi';
import { DxeServicesTable } from '../gcd/dxe-services-table.ts';
import type { ImageCaller } from '../image/image-caller.ts';
import type { SystemTableState } from './system-table-state.ts';

/** One image's face of the system table (UEFI §4.3): the tables are shared, the services know whose they are. */
export class SystemTableFace implements EfiSystemTable {
  readonly bootServices: EfiBootServices;
  readonly runtimeServices: EfiRuntimeServices;
  readonly #state: SystemTableState;
  readonly #caller: ImageCaller;

  constructor(
    state: SystemTableState,
    caller: ImageCaller,
    bootServices: EfiBootServices,
    runtimeServices: EfiRuntimeServices,
  ) {
    this.#state = state;
    this.#caller = caller;
    this.bootServices = bootServices;
    this.runtimeServices = runtimeServices;
  }

  get firmwareVendor(): string {
    return this.#state.firmwareVendor;
  }

  get firmwareRevision(): number {
    return this.#state.firmwareRevision;
  }

  get revision(): number {
    return this.#state.revision;
  }

  get address(): PhysicalAddress {
    return this.#state.address;
  }

  get conIn(): EfiSimpleTextInput | undefined {
    return this.#state.consoles.conIn;
  }

  set conIn(input: EfiSimpleTextInput | undefined) {
    this.#state.setConsole('conIn', input);
  }

  get consoleInHandle(): EfiHandle | undefined {
    return this.#state.consoles.consoleInHandle;
  }

  set consoleInHandle(handle: EfiHandle | undefined) {
    this.#state.setConsole('consoleInHandle', handle);
  }

  get conOut(): EfiSimpleTextOutput | undefined {
    return this.#state.consoles.conOut;
  }

  set conOut(output: EfiSimpleTextOutput | undefined) {
    this.#state.setConsole('conOut', output);
  }

  get consoleOutHandle(): EfiHandle | undefined {
    return this.#state.consoles.consoleOutHandle;
  }

  set consoleOutHandle(handle: EfiHandle | undefined) {
    this.#state.setConsole('consoleOutHandle', handle);
  }

  get stdErr(): EfiSimpleTextOutput | undefined {
    return this.#state.consoles.stdErr;
  }

  set stdErr(output: EfiSimpleTextOutput | undefined) {
    this.#state.setConsole('stdErr', output);
  }

  get standardErrorHandle(): EfiHandle | undefined {
    return this.#state.consoles.standardErrorHandle;
  }

  set standardErrorHandle(handle: EfiHandle | undefined) {
    this.#state.setConsole('standardErrorHandle', handle);
  }

  /** As it is now. The table of DXE services is the image's own face of it. */
  get configurationTable(): ReadonlyMap<Guid, unknown> {
    const tables = new Map(this.#state.configurationTable);
    for (const [guid, table] of tables) {
      if (table instanceof DxeServicesTable) tables.set(guid, table.faceOf(this.#caller));
    }
    return tables;
  }
}
