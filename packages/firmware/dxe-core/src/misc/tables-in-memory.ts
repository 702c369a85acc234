import type { HobList, GuestRam } from '@dxelab/platform';
import type { EfiMemoryServices, EfiSystemTableFields, Guid, PhysicalAddress } from '@dxelab/uefi';
import {
  EFI_BOOT_SERVICES_ORDER,
  EFI_BOOT_SERVICES_SIGNATURE,
  EFI_CONFIGURATION_TABLE_SIZE,
  EFI_DXE_SERVICES_ORDER,
  EFI_DXE_SERVICES_SIGNATURE,
  EFI_PAGE_SIZE,
  EFI_RUNTIME_SERVICES_ORDER,
  EFI_RUNTIME_SERVICES_SIGNATURE,
  EFI_SYSTEM_TABLE_SIZE,
  encodeConfigurationTable,
  encodeServiceTable,
  encodeSystemTable,
  serviceTableSize,
} from '@dxelab/uefi';

/** Bytes of code that stand for one function. */
const STUB = 16;
/** Entries by which the array of configuration tables grows. */
const MORE_ENTRIES = 16;

/** What an instruction that no processor has looks like: UD2 of x64, UDF of AArch64. */
const UNDEFINED_INSTRUCTION = { X64: [0x0f, 0x0b], AARCH64: [0, 0, 0, 0] } as const;

/** The fields of the system table that change. */
export type ConsolePointers = Pick<
  EfiSystemTableFields,
  'consoleInHandle' | 'conIn' | 'consoleOutHandle' | 'conOut' | 'standardErrorHandle' | 'stdErr'
>;

const NO_CONSOLES: ConsolePointers = {
  consoleInHandle: 0,
  conIn: 0,
  consoleOutHandle: 0,
  conOut: 0,
  standardErrorHandle: 0,
  stdErr: 0,
};

/** Which consoles there are; each has a place of its own in the page of stubs, behind the functions. */
const CONSOLE_STUBS = { conIn: 0, conOut: 1, stdErr: 2 } as const;
/** Behind them the stubs of the DXE services. */
const FIRST_DXE_STUB = EFI_BOOT_SERVICES_ORDER.length + Object.keys(CONSOLE_STUBS).length;

/**
 * The system table and what it points at, as bytes in guest memory (UEFI §4.2 to §4.6), for whoever looks
 * for them there. Nothing here runs guest code: a pointer to a function, or to an object that is not in
 * guest memory, leads to an instruction that faults. MdeModulePkg/Core/Dxe/DxeMain/DxeMain.c.
 */
export class TablesInMemory {
  /** Where EFI_SYSTEM_TABLE is. */
  readonly address: PhysicalAddress;
  /** Where EFI_DXE_SERVICES is (PI Vol. 2 §4.1.1). */
  readonly dxeServices: PhysicalAddress;
  readonly #ram: GuestRam;
  readonly #memory: EfiMemoryServices;
  readonly #revision: number;
  readonly #bootStubs: PhysicalAddress;
  readonly #runtimeServices: PhysicalAddress;
  #runtimeStubs: PhysicalAddress;
  #fields: EfiSystemTableFields;
  /** How many configuration tables have room where they are. */
  #capacity = 0;

  constructor(
    { ram, hobs }: { readonly ram: GuestRam; readonly hobs: HobList },
    memory: EfiMemoryServices,
    {
      revision,
      dxeRevision,
      vendor,
      firmwareRevision,
    }: {
      readonly revision: number;
      readonly dxeRevision: number;
      readonly vendor: string;
      readonly firmwareRevision: number;
    },
  ) {
    this.#ram = ram;
    this.#memory = memory;
    this.#revision = revision;
    const fault = UNDEFINED_INSTRUCTION[hobs.machineType];
    this.#bootStubs = this.#stubs('EfiBootServicesCode', fault);
    this.#runtimeStubs = this.#stubs('EfiRuntimeServicesCode', fault);

    const text = utf16(vendor);
    const firmwareVendor = memory.allocatePool('EfiRuntimeServicesData', text.length).address;
    ram.writeBytes(firmwareVendor, text);
    const bootSize = serviceTableSize(EFI_BOOT_SERVICES_ORDER.length);
    const bootServices = memory.allocatePool('EfiBootServicesData', bootSize).address;
    const runtimeSize = serviceTableSize(EFI_RUNTIME_SERVICES_ORDER.length);
    this.#runtimeServices = memory.allocatePool('EfiRuntimeServicesData', runtimeSize).address;
    this.address = memory.allocatePool('EfiRuntimeServicesData', EFI_SYSTEM_TABLE_SIZE).address;
    this.#fields = {
      ...NO_CONSOLES,
      firmwareVendor,
      firmwareRevision,
      runtimeServices: this.#runtimeServices,
      bootServices,
      numberOfTableEntries: 0,
      configurationTable: 0,
    };
    const functions = EFI_BOOT_SERVICES_ORDER.map((name, index) =>
      name === 'Reserved' ? 0 : this.#bootStubs + index * STUB,
    );
    ram.writeBytes(
      bootServices,
      encodeServiceTable(EFI_BOOT_SERVICES_SIGNATURE, revision, functions),
    );
    this.#writeRuntimeServices();
    this.#writeSystemTable({});
    const dxeSize = serviceTableSize(EFI_DXE_SERVICES_ORDER.length);
    this.dxeServices = memory.allocatePool('EfiBootServicesData', dxeSize).address;
    const dxeFunctions = EFI_DXE_SERVICES_ORDER.map(
      (_, index) => this.#bootStubs + (FIRST_DXE_STUB + index) * STUB,
    );
    ram.writeBytes(
      this.dxeServices,
      encodeServiceTable(EFI_DXE_SERVICES_SIGNATURE, dxeRevision, dxeFunctions),
    );
  }

  /** What stands for a console in guest memory. */
  consoleAddress(console: keyof typeof CONSOLE_STUBS): PhysicalAddress {
    return this.#bootStubs + (EFI_BOOT_SERVICES_ORDER.length + CONSOLE_STUBS[console]) * STUB;
  }

  writeConsoles(consoles: ConsolePointers): void {
    this.#writeSystemTable(consoles);
  }

  /** A table that is guest memory is where it is; any other has no address, so it gets a stub's. */
  writeConfigurationTables(tables: ReadonlyMap<Guid, unknown>): void {
    if (tables.size > this.#capacity) this.#grow(tables.size + MORE_ENTRIES);
    const objects = this.#runtimeStubs + EFI_RUNTIME_SERVICES_ORDER.length * STUB;
    const entries = [...tables].map(([vendorGuid, table]) => ({
      vendorGuid,
      vendorTable: addressOf(table) ?? objects,
    }));
    this.#ram.writeBytes(this.#fields.configurationTable, encodeConfigurationTable(entries));
    this.#writeSystemTable({ numberOfTableEntries: entries.length });
  }

  /** ExitBootServices: boot services and consoles are no more (UEFI §7.4.6). */
  exitBootServices(): void {
    const size = serviceTableSize(EFI_BOOT_SERVICES_ORDER.length);
    this.#ram.fill(this.#fields.bootServices, size, 0);
    this.#writeSystemTable({ ...NO_CONSOLES, bootServices: 0 });
  }

  /**
   * SetVirtualAddressMap: the pointers that outlive boot services become virtual (UEFI §8.4.1).
   * MdeModulePkg/Core/RuntimeDxe/Runtime.c.
   */
  convertPointers(convert: (address: number) => number): void {
    this.#runtimeStubs = convert(this.#runtimeStubs);
    this.#writeRuntimeServices();
    const { firmwareVendor, runtimeServices, configurationTable } = this.#fields;
    this.#writeSystemTable({
      firmwareVendor: convert(firmwareVendor),
      runtimeServices: convert(runtimeServices),
      configurationTable: configurationTable && convert(configurationTable),
    });
  }

  #stubs(
    type: 'EfiBootServicesCode' | 'EfiRuntimeServicesCode',
    fault: readonly number[],
  ): PhysicalAddress {
    const address = this.#memory.allocatePages('AllocateAnyPages', type, 1);
    const code = new Uint8Array(EFI_PAGE_SIZE);
    code.set(fault);
    // each copy doubles what is there
    for (let filled = fault.length; filled < code.length; filled *= 2) {
      code.copyWithin(filled, 0, filled);
    }
    this.#ram.writeBytes(address, code);
    return address;
  }

  #grow(capacity: number): void {
    const size = capacity * EFI_CONFIGURATION_TABLE_SIZE;
    const array = this.#memory.allocatePool('EfiRuntimeServicesData', size);
    const old = this.#fields.configurationTable;
    const oldSize = this.#capacity * EFI_CONFIGURATION_TABLE_SIZE;
    this.#capacity = capacity;
    this.#writeSystemTable({ numberOfTableEntries: 0, configurationTable: array.address });
    if (old !== 0) this.#memory.freePool({ address: old, length: oldSize });
  }

  #writeRuntimeServices(): void {
    const functions = EFI_RUNTIME_SERVICES_ORDER.map(
      (_, index) => this.#runtimeStubs + index * STUB,
    );
    const table = encodeServiceTable(EFI_RUNTIME_SERVICES_SIGNATURE, this.#revision, functions);
    this.#ram.writeBytes(this.#runtimeServices, table);
  }

  #writeSystemTable(changed: Partial<EfiSystemTableFields>): void {
    this.#fields = { ...this.#fields, ...changed };
    this.#ram.writeBytes(this.address, encodeSystemTable(this.#revision, this.#fields));
  }
}

/** Where a table is, if it is a `GuestBuffer`, or the address itself. */
function addressOf(table: unknown): number | undefined {
  if (typeof table === 'number') return table;
  if (typeof table !== 'object' || table === null || !('address' in table)) return undefined;
  return typeof table.address === 'number' ? table.address : undefined;
}

/** CHAR16 with a NUL at its end. */
function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * (text.length + 1));
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index += 1) {
    view.setUint16(2 * index, text.charCodeAt(index), true);
  }
  return bytes;
}
