import { EFI_MEMORY_RUNTIME, EFI_MEMORY_UC, EFI_MEMORY_WB, EFI_MEMORY_WC } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { statusOf } from '../core/core-world.fixture.ts';
import {
  ADDRESS,
  BEYOND,
  DOWN,
  DOWN_FROM,
  FREE,
  GcdWorld,
  MIB,
  MMIO,
  RAM,
  RESERVED,
  SYSTEM,
  UP,
  UP_TO,
} from './gcd-world.fixture.ts';

describe.each(PROFILES)('memory space (PI Vol. 2 §7.2, %s)', (profile) => {
  const world = (): GcdWorld => new GcdWorld(profile);

  describe('AddMemorySpace (§7.2.4.1)', () => {
    test('says what decodes a range, which may be needed at runtime', () => {
      const { ds } = world().withMmio(EFI_MEMORY_UC);
      expect(ds.getMemorySpaceDescriptor(FREE + 5)).toEqual({
        baseAddress: FREE,
        length: MIB,
        capabilities: EFI_MEMORY_UC | EFI_MEMORY_RUNTIME,
        attributes: 0n,
        gcdMemoryType: MMIO,
        imageHandle: undefined,
        deviceHandle: undefined,
      });
    });

    test.each([
      ['EFI_INVALID_PARAMETER', 'of nothing', 'EfiGcdMemoryTypeNonExistent', FREE, MIB],
      ['EFI_INVALID_PARAMETER', 'no length', MMIO, FREE, 0],
      ['EFI_INVALID_PARAMETER', 'no length where it does not reach', MMIO, BEYOND, 0],
      ['EFI_UNSUPPORTED', 'beyond the processor', MMIO, BEYOND, MIB],
      ['EFI_UNSUPPORTED', 'in part beyond the processor', MMIO, BEYOND - MIB, 2 * MIB],
      ['EFI_ACCESS_DENIED', 'where RAM is', MMIO, 15 * MIB, MIB],
      ['EFI_ACCESS_DENIED', 'in part where RAM is', MMIO, 15 * MIB, 2 * MIB],
    ] as const)('%s: %s', (status, _how, type, base, length) => {
      const { ds } = world();
      const before = ds.getMemorySpaceMap();
      expect(statusOf(() => ds.addMemorySpace(type, base, length, 0n))).toBe(status);
      expect(ds.getMemorySpaceMap()).toEqual(before);
    });

    test('EFI_INVALID_PARAMETER: a type that there is not', () => {
      const { ds } = world();
      // @ts-expect-error a caller in C can
      const add = (): void => ds.addMemorySpace('EfiGcdMemoryTypeMaximum', FREE, MIB, 0n);
      expect(statusOf(add)).toBe('EFI_INVALID_PARAMETER');
    });

    test('EFI_ACCESS_DENIED: what is allocated, though nothing decodes it', () => {
      const { ds, image } = world();
      ds.allocateMemorySpace(ADDRESS, 'EfiGcdMemoryTypeNonExistent', 0, MIB, FREE, image);
      expect(statusOf(() => ds.addMemorySpace(MMIO, FREE, MIB, 0n))).toBe('EFI_ACCESS_DENIED');
    });

    test('system memory is for AllocatePages from then on', () => {
      const one = world();
      const { ds, bs } = one;
      const add = (): void => ds.addMemorySpace(SYSTEM, FREE, MIB, EFI_MEMORY_WB);
      expect(one.changesMap(add)).toBe(true);
      expect(bs.allocatePages('AllocateAddress', 'EfiLoaderData', 256, FREE)).toBe(FREE);
      expect(bs.getMemoryMap().descriptors.at(-1)).toMatchObject({
        type: 'EfiLoaderData',
        physicalStart: FREE,
        numberOfPages: 256,
        attribute: EFI_MEMORY_WB,
      });
      // it is the core's, so that nobody allocates it behind its back
      const { imageHandle } = ds.getMemorySpaceDescriptor(FREE);
      expect(imageHandle).toBe(ds.getMemorySpaceDescriptor(MIB).imageHandle);
      expect(statusOf(() => ds.removeMemorySpace(FREE, MIB))).toBe('EFI_ACCESS_DENIED');
    });

    test('of system memory, whole pages; the rest is nobody`s', () => {
      const one = world();
      const { ds } = one;
      ds.addMemorySpace(SYSTEM, FREE + 0x800, 0x2000, RAM);
      expect(one.mapFrom(FREE)).toMatchObject([{ physicalStart: FREE + 0x1000, numberOfPages: 1 }]);
      expect(ds.getMemorySpaceDescriptor(FREE + 0x800).imageHandle).toBeUndefined();
      expect(ds.getMemorySpaceDescriptor(FREE + 0x1000).imageHandle).toBeDefined();
      expect(ds.getMemorySpaceDescriptor(FREE + 0x2000).imageHandle).toBeUndefined();
    });

    test('more reliable memory is system memory, too', () => {
      const one = world();
      const { ds } = one;
      ds.addMemorySpace('EfiGcdMemoryTypeMoreReliable', FREE, 0x1000, RAM);
      expect(one.mapFrom(FREE)).toMatchObject([
        { type: 'EfiConventionalMemory', numberOfPages: 1 },
      ]);
    });
  });

  describe('AllocateMemorySpace (§7.2.4.2)', () => {
    test.each([
      ['EFI_INVALID_PARAMETER', 'no address', { address: undefined }],
      ['EFI_INVALID_PARAMETER', 'no highest address', { way: UP_TO, address: undefined }],
      ['EFI_INVALID_PARAMETER', 'no length', { length: 0 }],
      ['EFI_NOT_FOUND', 'an alignment that no address has', { alignment: 64 }],
      ['EFI_NOT_FOUND', 'no such alignment, before no length', { alignment: 64, length: 0 }],
      ['EFI_NOT_FOUND', 'an address that is not aligned', { address: FREE + 1, alignment: 1 }],
      ['EFI_NOT_FOUND', 'beyond the processor', { address: BEYOND }],
      ['EFI_NOT_FOUND', 'of another type', { type: RESERVED }],
      ['EFI_NOT_FOUND', 'more than there is', { length: MIB + 1 }],
      ['EFI_NOT_FOUND', 'more than there is, from the bottom', { way: UP, length: MIB + 1 }],
      ['EFI_NOT_FOUND', 'more than there is, from the top', { way: DOWN, length: MIB + 1 }],
      ['EFI_NOT_FOUND', 'below what there is', { way: UP_TO, address: FREE + 0xffe }],
      ['EFI_NOT_FOUND', 'from the top, below it', { way: DOWN_FROM, address: FREE + 0xffe }],
      ['EFI_NOT_FOUND', 'below its own length', { way: DOWN_FROM, address: 0x10 }],
      ['EFI_SUCCESS', 'as it should be', {}],
    ] as const)('%s: %s', (status, _how, given) => {
      const { ds, image } = world().withMmio();
      const usual = {
        way: ADDRESS,
        type: MMIO,
        alignment: 0,
        length: 0x1000,
        address: FREE,
      } as const;
      const { way, type, alignment, length, address } = { ...usual, ...given };
      const allocate = (): unknown =>
        ds.allocateMemorySpace(way, type, alignment, length, address, image);
      expect(statusOf(allocate)).toBe(status);
    });

    test('EFI_INVALID_PARAMETER: a way, or a type, that there is not', () => {
      const { ds, image } = world().withMmio();
      const ways = [
        // @ts-expect-error a caller in C can
        () => ds.allocateMemorySpace('EfiGcdMaxAllocateType', MMIO, 64, 0, FREE, image),
        // @ts-expect-error a caller in C can
        () => ds.allocateMemorySpace(ADDRESS, 'EfiGcdMemoryTypeMaximum', 64, 0, FREE, image),
      ];
      expect(ways.map(statusOf)).toEqual(['EFI_INVALID_PARAMETER', 'EFI_INVALID_PARAMETER']);
    });

    test('EFI_INVALID_PARAMETER: for nobody', () => {
      const { ds } = world().withMmio();
      const allocate = (): unknown => ds.allocateMemorySpace(ADDRESS, MMIO, 64, 0, FREE, undefined);
      expect(statusOf(allocate)).toBe('EFI_INVALID_PARAMETER');
    });

    test('an address belongs to an image, for a device', () => {
      const { ds, image } = world().withMmio();
      const device = ds.getMemorySpaceDescriptor(MIB).imageHandle;
      ds.allocateMemorySpace(ADDRESS, MMIO, 12, 0x1000, FREE + 0x4000, image, device);
      expect(ds.getMemorySpaceDescriptor(FREE + 0x4fff)).toMatchObject({
        baseAddress: FREE + 0x4000,
        length: 0x1000,
        imageHandle: image,
        deviceHandle: device,
      });
      expect(ds.getMemorySpaceDescriptor(FREE + 0x5000)).toMatchObject({
        length: MIB - 0x5000,
        imageHandle: undefined,
      });
      expect(statusOf(() => world().allocate(ADDRESS)(0x1000, FREE))).toBe('EFI_NOT_FOUND');
    });

    test('EFI_NOT_FOUND: a part of it is allocated', () => {
      const one = world().withMmio();
      one.allocate(ADDRESS)(0x1000, FREE + 0x4000);
      expect(statusOf(() => one.allocate(ADDRESS)(0x8000, FREE))).toBe('EFI_NOT_FOUND');
    });

    test('from the bottom: the lowest that is aligned', () => {
      const one = world().withMmio();
      one.allocate(ADDRESS)(0x10, FREE);
      expect(one.allocate(UP)(0x10)).toBe(FREE + 0x10);
      expect(one.allocate(UP)(0x10, undefined, 12)).toBe(FREE + 0x1000);
      expect(one.allocate(UP_TO)(0x10, FREE + 0x2f)).toBe(FREE + 0x20);
      expect(statusOf(() => one.allocate(UP_TO)(0x10, FREE + 0x3e))).toBe('EFI_NOT_FOUND');
      expect(one.allocate(UP)(0x1000)).toBe(FREE + 0x1010);
    });

    test('from the top: the highest that is aligned', () => {
      const one = world().withMmio();
      one.allocate(ADDRESS)(0x10, FREE + MIB - 0x10);
      expect(one.allocate(DOWN)(0x10)).toBe(FREE + MIB - 0x20);
      expect(one.allocate(DOWN)(0x10, undefined, 12)).toBe(FREE + MIB - 0x1000);
      expect(one.allocate(DOWN_FROM)(0x10, FREE + 0x5003)).toBe(FREE + 0x4ff4);
    });

    test('across neighbours that differ in what they can be', () => {
      const one = world().withMmio(EFI_MEMORY_UC);
      one.ds.addMemorySpace(MMIO, FREE + MIB, MIB, EFI_MEMORY_UC | EFI_MEMORY_WC);
      expect(one.allocate(UP)(2 * MIB)).toBe(FREE);
    });

    test('what nothing decodes can be allocated, and is then not added', () => {
      const { ds, image } = world();
      const type = 'EfiGcdMemoryTypeNonExistent';
      expect(ds.allocateMemorySpace(UP, type, 20, MIB, undefined, image)).toBe(16 * MIB);
    });
  });

  describe('FreeMemorySpace (§7.2.4.3)', () => {
    test('frees a part, or more than one allocation', () => {
      const one = world().withMmio();
      one.allocate(ADDRESS)(0x1000, FREE);
      one.allocate(ADDRESS)(0x1000, FREE + 0x1000);
      one.ds.freeMemorySpace(FREE + 0x800, 0x1000);
      expect(one.ds.getMemorySpaceDescriptor(FREE + 0x800)).toMatchObject({
        baseAddress: FREE + 0x800,
        length: 0x1000,
        imageHandle: undefined,
      });
      one.ds.freeMemorySpace(FREE, 0x800);
      one.ds.freeMemorySpace(FREE + 0x1800, 0x800);
      expect(one.ds.getMemorySpaceDescriptor(FREE).length).toBe(MIB);
    });

    test.each([
      ['EFI_INVALID_PARAMETER', 'no length', FREE, 0],
      ['EFI_UNSUPPORTED', 'beyond the processor', BEYOND, 1],
      ['EFI_NOT_FOUND', 'what is not allocated', FREE + 0x1000, 1],
      ['EFI_NOT_FOUND', 'in part what is not allocated', FREE, 0x1001],
      ['EFI_SUCCESS', 'what is allocated', FREE, 0x1000],
    ])('%s: %s', (status, _how, base, length) => {
      const one = world().withMmio();
      one.allocate(ADDRESS)(0x1000, FREE);
      expect(statusOf(() => one.ds.freeMemorySpace(base, length))).toBe(status);
    });
  });

  describe('RemoveMemorySpace (§7.2.4.4)', () => {
    test.each([
      ['EFI_INVALID_PARAMETER', 'no length', FREE, 0],
      ['EFI_UNSUPPORTED', 'beyond the processor', BEYOND, 1],
      ['EFI_NOT_FOUND', 'what was never added', FREE + MIB, 1],
      ['EFI_NOT_FOUND', 'in part what was never added', FREE + 0x1000, MIB],
      ['EFI_ACCESS_DENIED', 'in part allocated', FREE, MIB],
      ['EFI_ACCESS_DENIED', 'RAM', MIB, MIB],
      ['EFI_SUCCESS', 'what is free', FREE + 0x1000, MIB - 0x1000],
    ])('%s: %s', (status, _how, base, length) => {
      const one = world().withMmio();
      one.allocate(ADDRESS)(0x1000, FREE);
      expect(statusOf(() => one.ds.removeMemorySpace(base, length))).toBe(status);
    });

    test('leaves nothing', () => {
      const one = world();
      const before = one.ds.getMemorySpaceMap();
      one.withMmio().ds.removeMemorySpace(FREE, MIB);
      expect(one.ds.getMemorySpaceMap()).toEqual(before);
    });
  });

  describe('GetMemorySpaceDescriptor (§7.2.4.5)', () => {
    test('EFI_NOT_FOUND: beyond the processor', () => {
      const { ds } = world();
      expect(statusOf(() => ds.getMemorySpaceDescriptor(BEYOND))).toBe('EFI_NOT_FOUND');
      expect(ds.getMemorySpaceDescriptor(BEYOND - 1).gcdMemoryType).toBe(
        'EfiGcdMemoryTypeNonExistent',
      );
    });
  });
});
