import type { EfiMemoryDescriptor, PhysicalAddress } from '@dxelab/uefi';
import {
  EFI_BOOT_SERVICES_SIGNATURE,
  EFI_DXE_SERVICES_SIGNATURE,
  EFI_DXE_SERVICES_TABLE_GUID,
  EFI_MEMORY_RUNTIME,
  EFI_RUNTIME_SERVICES_SIGNATURE,
  EFI_SYSTEM_TABLE_SIZE,
  guid,
  readConfigurationTable,
  readSystemTable,
  readSystemTablePointer,
  readTableHeader,
} from '@dxelab/uefi';
import { dxeServicesTable, PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, silentConsole } from '../core/core-world.fixture.ts';

const TABLE = guid('12345678-1234-1234-1234-123456789abc');
const MIB = 2 ** 20;

/** What a debugger sees of a world. */
class Debugger {
  readonly #world: CoreWorld;

  constructor(world: CoreWorld) {
    this.#world = world;
  }

  bytes(address: PhysicalAddress, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#world.platform.ram.readBytes(address, bytes);
    return bytes;
  }

  /** As UEFI §18.4.2 says: it looks on each boundary of 4 MiB. */
  findSystemTable(): PhysicalAddress {
    for (let at = 0; at < 16 * MIB; at += 4 * MIB) {
      const found = readSystemTablePointer(this.bytes(at, 24));
      if (found !== undefined) return found;
    }
    throw new Error('there is no EFI_SYSTEM_TABLE_POINTER');
  }

  /** Only with a right CRC. */
  systemTable(address = this.#world.core.systemTable.address) {
    const table = readSystemTable(this.bytes(address, EFI_SYSTEM_TABLE_SIZE));
    if (table === undefined) throw new Error('there is no EFI_SYSTEM_TABLE, or its CRC is wrong');
    return table;
  }

  pointers(table: PhysicalAddress, count: number): number[] {
    const view = new DataView(this.bytes(table + 24, 8 * count).buffer);
    return Array.from({ length: count }, (_, index) => Number(view.getBigUint64(8 * index, true)));
  }
}

describe.each(PROFILES)('the system table in guest memory, %s (UEFI §4.3)', (profile) => {
  test('is found through EFI_SYSTEM_TABLE_POINTER (§18.4.2)', () => {
    const world = new CoreWorld(profile);
    const debug = new Debugger(world);
    expect(debug.findSystemTable()).toBe(world.core.systemTable.address);
    expect(debug.systemTable().revision).toBe(world.core.systemTable.revision);
  });

  test('says who made the firmware, as CHAR16', () => {
    const debug = new Debugger(new CoreWorld(profile));
    const { firmwareVendor, firmwareRevision } = debug.systemTable();
    const text = new TextDecoder('utf-16le').decode(debug.bytes(firmwareVendor, 14));
    expect(text).toBe('dxelab\0');
    expect(firmwareRevision).toBe(0x10000);
  });

  test('leads to the tables of services, whose headers are right (§4.4, §4.5)', () => {
    const debug = new Debugger(new CoreWorld(profile));
    const { bootServices, runtimeServices, revision } = debug.systemTable();
    const boot = readTableHeader(debug.bytes(bootServices, 400), EFI_BOOT_SERVICES_SIGNATURE);
    expect(boot).toMatchObject({ revision, headerSize: 24 + 44 * 8 });
    const runtime = debug.bytes(runtimeServices, 200);
    expect(readTableHeader(runtime, EFI_RUNTIME_SERVICES_SIGNATURE)).toMatchObject({
      revision,
      headerSize: 24 + 14 * 8,
    });
  });

  test('every function has its own address, where an instruction faults', () => {
    const debug = new Debugger(new CoreWorld(profile));
    const { bootServices, runtimeServices } = debug.systemTable();
    const boot = debug.pointers(bootServices, 44);
    expect(boot[17]).toBe(0);
    const all = [...boot, ...debug.pointers(runtimeServices, 14)].filter((one) => one !== 0);
    expect(new Set(all).size).toBe(57);
    for (const address of all) expect([...debug.bytes(address, 2)]).toEqual([0x0f, 0x0b]);
  });

  test('stands in memory of its type (§7.2)', () => {
    const world = new CoreWorld(profile);
    const { descriptors } = world.bs.getMemoryMap();
    const typeOf = (address: number) =>
      descriptors.find(
        ({ physicalStart, numberOfPages }) =>
          address >= physicalStart && address < physicalStart + numberOfPages * 4096,
      )?.type;
    const { bootServices, runtimeServices } = new Debugger(world).systemTable();
    expect(typeOf(world.core.systemTable.address)).toBe('EfiRuntimeServicesData');
    expect(typeOf(runtimeServices)).toBe('EfiRuntimeServicesData');
    expect(typeOf(bootServices)).toBe('EfiBootServicesData');
  });

  test('follows a console that comes and goes', () => {
    const world = new CoreWorld(profile);
    const debug = new Debugger(world);
    const { systemTable, labImage } = world.core;
    systemTable.conOut = silentConsole();
    systemTable.consoleOutHandle = labImage;
    const { conOut, consoleOutHandle, conIn } = debug.systemTable();
    expect(conOut).not.toBe(0);
    expect([consoleOutHandle, conIn]).toEqual([labImage.number, 0]);
    systemTable.conOut = undefined;
    expect(debug.systemTable().conOut).toBe(0);
  });

  test('lists the configuration tables (§4.6), however many', () => {
    const world = new CoreWorld(profile);
    const debug = new Debugger(world);
    const other = (index: number) =>
      guid(`00000000-0000-0000-0000-${String(index).padStart(12, '0')}`);
    const seen: number[] = [];
    world.bs.createEventEx(
      0x200,
      8,
      () => seen.push(debug.systemTable().numberOfTableEntries),
      null,
      TABLE,
    );
    world.bs.installConfigurationTable(TABLE, { address: 0x4000, length: 16 });
    for (let index = 0; index < 40; index += 1) {
      world.bs.installConfigurationTable(other(index), { kept: 'in JavaScript' });
    }
    world.bs.installConfigurationTable(other(0), undefined);
    const { numberOfTableEntries, configurationTable } = debug.systemTable();
    expect(numberOfTableEntries).toBe(41);
    const entries = readConfigurationTable(debug.bytes(configurationTable, 41 * 24));
    expect(entries[0]?.vendorGuid).toBe(EFI_DXE_SERVICES_TABLE_GUID);
    expect(entries[1]).toEqual({ vendorGuid: TABLE, vendorTable: 0x4000 });
    expect(entries[2]?.vendorGuid).toBe(other(1));
    expect(entries[2]?.vendorTable).toBeGreaterThan(0);
    // whoever is told of it finds it
    expect(seen).toEqual([2]);
  });

  test('EFI_DXE_SERVICES is the configuration table of its GUID (PI Vol. 2 §4.1.1)', () => {
    const world = new CoreWorld(profile);
    const debug = new Debugger(world);
    const { configurationTable } = debug.systemTable();
    const [entry] = readConfigurationTable(debug.bytes(configurationTable, 24));
    expect(entry?.vendorGuid).toBe(EFI_DXE_SERVICES_TABLE_GUID);
    const table = entry?.vendorTable ?? 0;
    expect(
      readTableHeader(debug.bytes(table, 24 + 18 * 8), EFI_DXE_SERVICES_SIGNATURE),
    ).toMatchObject({
      revision: profile === 'edk2' ? 0x10050 : 0x1005a,
      headerSize: 24 + 18 * 8,
    });
    const functions = debug.pointers(table, 18);
    expect(new Set(functions).size).toBe(18);
    // each in code, and none of them one of the functions of boot services or of a console
    const { bootServices } = debug.systemTable();
    const others = debug.pointers(bootServices, 44);
    expect(functions.filter((address) => others.includes(address))).toEqual([]);
    for (const address of functions) expect([...debug.bytes(address, 2)]).toEqual([0x0f, 0x0b]);
    expect(dxeServicesTable(world.core.systemTable).address).toBe(table);
  });

  test('ExitBootServices clears boot services and consoles (§7.4.6)', () => {
    const world = new CoreWorld(profile);
    const debug = new Debugger(world);
    world.core.systemTable.conOut = silentConsole();
    const { bootServices } = debug.systemTable();
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(debug.systemTable()).toMatchObject({ bootServices: 0, conOut: 0 });
    expect(debug.systemTable().runtimeServices).not.toBe(0);
    expect(debug.bytes(bootServices, 376).every((byte) => byte === 0)).toBe(true);
  });

  test('SetVirtualAddressMap makes its pointers virtual (§8.4.1)', () => {
    const world = new CoreWorld(profile);
    const debug = new Debugger(world);
    world.bs.installConfigurationTable(TABLE, 0x4000);
    const before = debug.systemTable();
    const { descriptors, mapKey } = world.bs.getMemoryMap();
    world.bs.exitBootServices(world.core.labImage, mapKey);
    const OFFSET = 0x10_0000_0000;
    const virtual = descriptors
      .filter(({ attribute }) => (attribute & EFI_MEMORY_RUNTIME) !== 0n)
      .map((one): EfiMemoryDescriptor => ({ ...one, virtualStart: one.physicalStart + OFFSET }));
    world.core.systemTable.runtimeServices.setVirtualAddressMap(virtual);
    const after = debug.systemTable();
    expect(after.firmwareVendor).toBe(before.firmwareVendor + OFFSET);
    expect(after.runtimeServices).toBe(before.runtimeServices + OFFSET);
    expect(after.configurationTable).toBe(before.configurationTable + OFFSET);
    expect(debug.pointers(before.runtimeServices, 1)[0]).toBeGreaterThan(OFFSET);
    const table = debug.bytes(before.runtimeServices, 136);
    expect(readTableHeader(table, EFI_RUNTIME_SERVICES_SIGNATURE)).toBeDefined();
  });
});
