import type { Platform } from '@dxelab/platform';
import type {
  EfiHandle,
  EfiMemoryServices,
  EfiSimpleTextInput,
  EfiSimpleTextOutput,
  Guid,
  PhysicalAddress,
} from '@dxelab/uefi';
import { leaveSystemTablePointer } from '../misc/system-table-pointer.ts';
import { TablesInMemory } from '../misc/tables-in-memory.ts';

/** The consoles of the system table. */
export interface Consoles {
  readonly conIn?: EfiSimpleTextInput | undefined;
  readonly consoleInHandle?: EfiHandle | undefined;
  readonly conOut?: EfiSimpleTextOutput | undefined;
  readonly consoleOutHandle?: EfiHandle | undefined;
  readonly stdErr?: EfiSimpleTextOutput | undefined;
  readonly standardErrorHandle?: EfiHandle | undefined;
}

/** What all faces of the system table show, and its bytes in guest memory, which follow each change. */
export class SystemTableState {
  readonly firmwareVendor: string = 'dxelab';
  readonly firmwareRevision: number = 0x00010000;
  readonly revision: number;
  readonly configurationTable: ReadonlyMap<Guid, unknown>;
  readonly #inMemory: TablesInMemory;
  #consoles: Consoles = {};

  constructor(
    platform: Pick<Platform, 'ram' | 'hobs'>,
    memory: EfiMemoryServices,
    { revision, dxeRevision }: { readonly revision: number; readonly dxeRevision: number },
    configurationTable: ReadonlyMap<Guid, unknown>,
  ) {
    this.revision = revision;
    this.configurationTable = configurationTable;
    const { firmwareVendor: vendor, firmwareRevision } = this;
    this.#inMemory = new TablesInMemory(platform, memory, {
      revision,
      dxeRevision,
      vendor,
      firmwareRevision,
    });
    leaveSystemTablePointer(platform.ram, memory, this.#inMemory.address);
  }

  get address(): PhysicalAddress {
    return this.#inMemory.address;
  }

  /** Where the table of DXE services is. */
  get dxeServices(): PhysicalAddress {
    return this.#inMemory.dxeServices;
  }

  get consoles(): Consoles {
    return this.#consoles;
  }

  setConsole<Name extends keyof Consoles>(name: Name, console: Consoles[Name]): void {
    this.#consoles = { ...this.#consoles, [name]: console };
    const { conIn, consoleInHandle, conOut, consoleOutHandle } = this.#consoles;
    const { stdErr, standardErrorHandle } = this.#consoles;
    const tables = this.#inMemory;
    tables.writeConsoles({
      // a handle is opaque in C too: its number will do
      consoleInHandle: consoleInHandle?.number ?? 0,
      conIn: conIn === undefined ? 0 : tables.consoleAddress('conIn'),
      consoleOutHandle: consoleOutHandle?.number ?? 0,
      conOut: conOut === undefined ? 0 : tables.consoleAddress('conOut'),
      standardErrorHandle: standardErrorHandle?.number ?? 0,
      stdErr: stdErr === undefined ? 0 : tables.consoleAddress('stdErr'),
    });
  }

  configurationTablesChanged(): void {
    this.#inMemory.writeConfigurationTables(this.configurationTable);
  }

  /** The consoles are boot services too: UEFI §7.4.6 has their pointers cleared. */
  exitBootServices(): void {
    this.#consoles = {};
    this.#inMemory.exitBootServices();
  }

  /** @param convert an address as it is from now on */
  convertPointers(convert: (address: number) => number): void {
    this.#inMemory.convertPointers(convert);
  }
}
