import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import type { EfiPciOperation64, GuestBuffer } from '@dxelab/uefi';
import {
  EFI_PAGE_SIZE,
  EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_ATTRIBUTE_MEMORY_CACHED,
  EfiError,
  isEfiFailure,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { DirectDma } from './direct-dma.ts';

const FOUR_GIB = 2 ** 32;
const STALE = 0xee;

/** A profile in which pages are given back at once; `BouncePages` has tests of its own. */
function profileOf(profile: Profile): Quirks {
  return new Quirks(profile, { 'PciHostBridgeDxe.BounceMemoryPerMap': true });
}

/** RAM below and above 4 GiB, pages that are handed out from 0x1000 up, and what is outstanding. */
function world(options: { dmaAbove4G?: boolean; quirks?: Quirks; pages?: number } = {}) {
  const ram = new GuestRam(
    new Cycles(() => {}),
    new LocalRam([
      { base: 0, bytes: new Uint8Array(0x10000).fill(STALE) },
      { base: FOUR_GIB, bytes: new Uint8Array(0x4000) },
    ]),
  );
  const outstanding = new Map<number, number>();
  const calls: string[] = [];
  let next = EFI_PAGE_SIZE;
  const bs = {
    allocatePages(type: string, memoryType: unknown, pages: number, memory?: number) {
      calls.push(`${type} ${String(memoryType)} ${pages} ${memory?.toString(16) ?? ''}`.trim());
      if (pages > (options.pages ?? 8)) throw new EfiError('EFI_OUT_OF_RESOURCES', 'no pages');
      const address = next;
      next += pages * EFI_PAGE_SIZE;
      outstanding.set(address, pages);
      return address;
    },
    freePages(memory: number, pages: number) {
      expect(outstanding.get(memory)).toBe(pages);
      outstanding.delete(memory);
    },
  };
  const quirks = options.quirks ?? profileOf('specification');
  return {
    ram,
    outstanding,
    calls,
    dma: new DirectDma(bs, ram, options.dmaAbove4G ?? false, quirks),
  };
}

const low: GuestBuffer = { address: 0x8000, length: 0x1000 };
const high: GuestBuffer = { address: FOUR_GIB + 0x100, length: 0x1000 };
const crossing: GuestBuffer = { address: FOUR_GIB - 0x10, length: 0x20 };

const READ: EfiPciOperation64 = 'BusMasterRead';
const WRITE: EfiPciOperation64 = 'BusMasterWrite';
const COMMON: EfiPciOperation64 = 'BusMasterCommonBuffer';

describe.each(PROFILES)('Map in place (UEFI §14.2), profile %s', (profile) => {
  test.each([READ, WRITE, COMMON])('%s: below 4 GiB a buffer has its own address', (operation) => {
    const { dma, outstanding } = world({ quirks: profileOf(profile) });
    const mapping = dma.map(operation, low, 100);
    expect(mapping).toMatchObject({ deviceAddress: 0x8000, numberOfBytes: 100 });
    dma.unmap(mapping);
    expect(outstanding.size).toBe(0);
  });

  test('64-bit operations reach above 4 GiB where the root bridge lets them', () => {
    const { dma } = world({ dmaAbove4G: true, quirks: profileOf(profile) });
    expect(dma.map('BusMasterCommonBuffer64', high, 8).deviceAddress).toBe(high.address);
    expect(dma.map('BusMasterRead64', crossing, 0x20).deviceAddress).toBe(crossing.address);
  });
});

describe.each(PROFILES)('Map of what the bus master cannot reach, profile %s', (profile) => {
  const quirks = profileOf(profile);

  test.each([
    [COMMON, false],
    [COMMON, true],
    ['BusMasterCommonBuffer64', false],
  ] as const)(
    '%s above 4 GiB is EFI_UNSUPPORTED (DMA above 4 GiB: %s)',
    (operation, dmaAbove4G) => {
      const { dma } = world({ dmaAbove4G, quirks });
      expect(() => dma.map(operation, high, 8)).toThrow(/EFI_UNSUPPORTED/);
      expect(() => dma.map(operation, crossing, 0x20)).toThrow(/EFI_UNSUPPORTED/);
    },
  );

  test('an array of the caller is never a common buffer', () => {
    expect(() => world({ quirks }).dma.map(COMMON, new Uint8Array(4), 4)).toThrow(
      /EFI_UNSUPPORTED/,
    );
  });

  test('a bus-master read sees a copy made at Map', () => {
    const { dma, ram, calls, outstanding } = world({ quirks });
    ram.writeBytes(high.address, Uint8Array.of(1, 2, 3, 4));
    const mapping = dma.map('BusMasterRead64', high, 4);
    expect(mapping.deviceAddress + 4).toBeLessThanOrEqual(FOUR_GIB);
    expect(calls).toEqual(['AllocateMaxAddress EfiBootServicesData 1 ffffffff']);
    ram.writeUint8(high.address, 99);
    expect(bytes(ram, mapping.deviceAddress, 4)).toEqual([1, 2, 3, 4]);
    deviceWrites(ram, mapping.deviceAddress + 1, Uint8Array.of(55));
    dma.unmap(mapping);
    expect(bytes(ram, high.address, 4)).toEqual([99, 2, 3, 4]);
    expect(outstanding.size).toBe(0);
  });

  test('what a bus master wrote arrives at Unmap, and not before', () => {
    const { dma, ram, outstanding } = world({ quirks });
    const mapping = dma.map(WRITE, high, 4);
    deviceWrites(ram, mapping.deviceAddress, Uint8Array.of(1, 2, 3, 4));
    expect(bytes(ram, high.address, 4)).toEqual([0, 0, 0, 0]);
    dma.unmap(mapping);
    expect(bytes(ram, high.address, 4)).toEqual([1, 2, 3, 4]);
    expect(outstanding.size).toBe(0);
  });

  test('arrays are bounced likewise, to the byte', () => {
    const { dma, ram } = world({ quirks });
    const host = Uint8Array.of(10, 11, 12, 13);
    const read = dma.map(READ, host, 3);
    expect(bytes(ram, read.deviceAddress, 3)).toEqual([10, 11, 12]);
    dma.unmap(read);
    const write = dma.map(WRITE, host, 3);
    deviceWrites(ram, write.deviceAddress, Uint8Array.of(1, 2, 3, 4));
    expect([...host]).toEqual([10, 11, 12, 13]);
    dma.unmap(write);
    expect([...host]).toEqual([1, 2, 3, 13]);
  });

  test('without memory nothing is mapped, and it says so', () => {
    const { dma, outstanding } = world({ pages: 0, quirks });
    let caught: unknown;
    try {
      dma.map(READ, new Uint8Array(4), 4);
    } catch (error) {
      caught = error;
    }
    expect(isEfiFailure(caught) ? [caught.status, caught.out] : caught).toEqual([
      'EFI_OUT_OF_RESOURCES',
      { numberOfBytes: 0 },
    ]);
    expect(outstanding.size).toBe(0);
  });

  test('nothing can be mapped too', () => {
    const { dma, outstanding } = world({ quirks });
    dma.unmap(dma.map(WRITE, new Uint8Array(0), 0));
    expect(outstanding.size).toBe(0);
  });
});

describe('a bounce buffer that the device does not fill', () => {
  const host = () => Uint8Array.of(1, 2, 3, 4);

  test('leaves the rest of the host buffer as it was', () => {
    const { dma, ram } = world();
    const buffer = host();
    const mapping = dma.map(WRITE, buffer, 4);
    deviceWrites(ram, mapping.deviceAddress, Uint8Array.of(99));
    dma.unmap(mapping);
    expect([...buffer]).toEqual([99, 2, 3, 4]);
  });

  test('in the pages of the last one: leaves what devices have seen there', () => {
    const { dma, ram } = world({ quirks: new Quirks('specification') });
    const last = Uint8Array.of(5, 6, 7, 8);
    dma.unmap(dma.map(WRITE, last, 4));
    const buffer = host();
    const mapping = dma.map(WRITE, buffer, 4);
    deviceWrites(ram, mapping.deviceAddress, Uint8Array.of(99));
    dma.unmap(mapping);
    expect([...buffer]).toEqual([99, 6, 7, 8]);
  });

  test('QUIRK PciHostBridgeDxe.BounceNotFilled: overwrites it with what was there before', () => {
    const { dma, ram } = world({ quirks: profileOf('edk2') });
    const buffer = host();
    const mapping = dma.map(WRITE, buffer, 4);
    deviceWrites(ram, mapping.deviceAddress, Uint8Array.of(99));
    dma.unmap(mapping);
    expect([...buffer]).toEqual([99, STALE, STALE, STALE]);
  });
});

describe('what Map and Unmap refuse', () => {
  test.each([-1, 0x1001, Number.NaN])('%d bytes of a page: EFI_INVALID_PARAMETER', (length) => {
    const { dma } = world();
    expect(() => dma.map(READ, low, length)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(() => dma.map(READ, new Uint8Array(0x1000), length)).toThrow(/EFI_INVALID_PARAMETER/);
  });

  test('a mapping that Map did not make: EFI_INVALID_PARAMETER', () => {
    const { dma } = world();
    expect(() => dma.unmap({ deviceAddress: 0x8000, numberOfBytes: 4 })).toThrow(
      /EFI_INVALID_PARAMETER/,
    );
  });

  test.each(PROFILES)('a bounced mapping a second time: EFI_INVALID_PARAMETER (%s)', (profile) => {
    const { dma, outstanding } = world({ quirks: profileOf(profile) });
    const mapping = dma.map(READ, new Uint8Array(4), 4);
    dma.unmap(mapping);
    expect(() => dma.unmap(mapping)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(outstanding.size).toBe(0);
  });

  test('a mapping in place a second time, unless PciHostBridgeDxe.UnmapTwice', () => {
    const { dma } = world();
    const mapping = dma.map(READ, low, 4);
    dma.unmap(mapping);
    expect(() => dma.unmap(mapping)).toThrow(/EFI_INVALID_PARAMETER/);
    const lax = world({ quirks: profileOf('edk2') }).dma;
    const again = lax.map(READ, low, 4);
    lax.unmap(again);
    expect(() => lax.unmap(again)).not.toThrow();
  });
});

describe('AllocateBuffer (UEFI §14.2)', () => {
  test('comes from below 4 GiB unless both the root bridge and the function reach further', () => {
    const { dma, calls } = world();
    dma.allocateBuffer('EfiBootServicesData', 1, EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE);
    const wide = world({ dmaAbove4G: true });
    wide.dma.allocateBuffer('EfiBootServicesData', 1, EFI_PCI_ATTRIBUTE_MEMORY_CACHED);
    wide.dma.allocateBuffer('EfiRuntimeServicesData', 2, EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE);
    expect([...calls, ...wide.calls]).toEqual([
      'AllocateMaxAddress EfiBootServicesData 1 ffffffff',
      'AllocateMaxAddress EfiBootServicesData 1 ffffffff',
      'AllocateAnyPages EfiRuntimeServicesData 2',
    ]);
  });

  test('FreeBuffer gives the pages back', () => {
    const { dma, outstanding } = world();
    dma.freeBuffer(2, dma.allocateBuffer('EfiBootServicesData', 2, 0));
    expect(outstanding.size).toBe(0);
  });

  test('other attributes: EFI_UNSUPPORTED; other memory: EFI_INVALID_PARAMETER', () => {
    const { dma } = world();
    expect(() => dma.allocateBuffer('EfiLoaderData', 1, 1)).toThrow(/EFI_UNSUPPORTED/);
    expect(() => dma.allocateBuffer('EfiLoaderData', 1, 0)).toThrow(/EFI_INVALID_PARAMETER/);
  });
});

/** Nothing stands between the device and RAM here. */
function deviceWrites(ram: GuestRam, address: number, values: Uint8Array): void {
  ram.writeBytes(address, values);
}

function bytes(ram: GuestRam, address: number, length: number): readonly number[] {
  const target = new Uint8Array(length);
  ram.readBytes(address, target);
  return [...target];
}
