import type {
  EfiDxeServices,
  EfiGcdMemoryType,
  EfiMemoryDescriptor,
  EfiStatus,
  Guid,
} from '@dxelab/uefi';
import {
  CpuArchProtocol,
  EFI_EVENT_GROUP_MEMORY_MAP_CHANGE,
  EFI_MEMORY_NV,
  EFI_MEMORY_RO,
  EFI_MEMORY_RUNTIME,
  EFI_MEMORY_UC,
  EFI_MEMORY_UCE,
  EFI_MEMORY_WB,
  EFI_MEMORY_WC,
  EFI_MEMORY_WT,
  EFI_MEMORY_XP,
  EVT_NOTIFY_SIGNAL,
  guid,
  NotModelledError,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
} from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { dxeServicesTable, PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, endOf, module, statusOf } from '../core/core-world.fixture.ts';

const MIB = 2 ** 20;
const ASKED: Guid = guid('00000000-0000-0000-0000-00000000a5ed');
/** Where the machine of these tests has nothing: its RAM ends at 16 MiB. */
const FREE = 0x1_0000_0000;
/** What the processor of these tests does not reach. */
const BEYOND = 2 ** 48;
const RAM = EFI_MEMORY_UC | EFI_MEMORY_WC | EFI_MEMORY_WT | EFI_MEMORY_WB;
const MMIO: EfiGcdMemoryType = 'EfiGcdMemoryTypeMemoryMappedIo';
const RESERVED: EfiGcdMemoryType = 'EfiGcdMemoryTypeReserved';
const SYSTEM: EfiGcdMemoryType = 'EfiGcdMemoryTypeSystemMemory';
const ADDRESS = 'EfiGcdAllocateAddress';
const UP = 'EfiGcdAllocateAnySearchBottomUp';
const UP_TO = 'EfiGcdAllocateMaxAddressSearchBottomUp';
const DOWN = 'EfiGcdAllocateAnySearchTopDown';
const DOWN_FROM = 'EfiGcdAllocateMaxAddressSearchTopDown';

class GcdWorld extends CoreWorld {
  readonly ds: EfiDxeServices;
  readonly image = this.core.labImage;

  constructor(profile: Profile) {
    super(profile);
    this.ds = dxeServicesTable(this.core.systemTable);
  }

  /** Memory-mapped I/O of 1 MiB where there was nothing. */
  withMmio(capabilities: bigint = EFI_MEMORY_UC): this {
    this.ds.addMemorySpace(MMIO, FREE, MIB, capabilities);
    return this;
  }

  allocate(type: typeof ADDRESS | typeof UP | typeof UP_TO | typeof DOWN | typeof DOWN_FROM) {
    return (length: number, address?: number, alignment = 0): number =>
      this.ds.allocateMemorySpace(type, MMIO, alignment, length, address, this.image);
  }

  /** The memory map from an address on. */
  mapFrom(address: number): readonly EfiMemoryDescriptor[] {
    return this.bs
      .getMemoryMap()
      .descriptors.filter(({ physicalStart }) => physicalStart >= address);
  }

  /** Whether something changes the map key, and whether it tells so. */
  changesMap(body: () => void): boolean {
    const before = this.bs.getMemoryMap().mapKey;
    let told = false;
    const notify = (): void => {
      told = true;
    };
    const group = EFI_EVENT_GROUP_MEMORY_MAP_CHANGE;
    const event = this.bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, notify, null, group);
    body();
    this.bs.closeEvent(event);
    const changed = this.bs.getMemoryMap().mapKey !== before;
    if (changed !== told) throw new Error(`the key has changed: ${changed}, it was told: ${told}`);
    return told;
  }
}

describe.each(PROFILES)('the Global Coherency Domain (PI Vol. 2 §7.2, %s)', (profile) => {
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
      const { ds, bs, changesMap } = methods(world());
      const add = (): void => ds.addMemorySpace(SYSTEM, FREE, MIB, EFI_MEMORY_WB);
      expect(changesMap(add)).toBe(true);
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
      const { ds, mapFrom } = methods(world());
      ds.addMemorySpace(SYSTEM, FREE + 0x800, 0x2000, RAM);
      expect(mapFrom(FREE)).toMatchObject([{ physicalStart: FREE + 0x1000, numberOfPages: 1 }]);
      expect(ds.getMemorySpaceDescriptor(FREE + 0x800).imageHandle).toBeUndefined();
      expect(ds.getMemorySpaceDescriptor(FREE + 0x1000).imageHandle).toBeDefined();
      expect(ds.getMemorySpaceDescriptor(FREE + 0x2000).imageHandle).toBeUndefined();
    });

    test('more reliable memory is system memory, too', () => {
      const { ds, mapFrom } = methods(world());
      ds.addMemorySpace('EfiGcdMemoryTypeMoreReliable', FREE, 0x1000, RAM);
      expect(mapFrom(FREE)).toMatchObject([{ type: 'EfiConventionalMemory', numberOfPages: 1 }]);
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

  describe('SetMemorySpaceAttributes (§7.2.4.6)', () => {
    const PAGE = 0x1000;
    test.each([
      ['EFI_INVALID_PARAMETER', 'no length', FREE, 0, EFI_MEMORY_UC],
      ['EFI_INVALID_PARAMETER', 'RUNTIME of less than a page', FREE, 1, EFI_MEMORY_RUNTIME],
      ['EFI_INVALID_PARAMETER', 'RUNTIME within a page', FREE + 1, PAGE, EFI_MEMORY_RUNTIME],
      ['EFI_INVALID_PARAMETER', 'how no X64 caches', FREE, PAGE, EFI_MEMORY_UCE],
      ['EFI_UNSUPPORTED', 'beyond the processor', BEYOND, PAGE, EFI_MEMORY_UC],
      ['EFI_UNSUPPORTED', 'what it cannot be', FREE, PAGE, EFI_MEMORY_WT],
      ['EFI_UNSUPPORTED', 'what a part cannot be', FREE - PAGE, 2 * PAGE, EFI_MEMORY_UC],
      ['EFI_UNSUPPORTED', 'what the processor cannot', FREE, PAGE, EFI_MEMORY_XP],
      ['EFI_UNSUPPORTED', 'a part of a page', FREE, 1, EFI_MEMORY_UC],
      ['EFI_SUCCESS', 'what it can be', FREE, PAGE, EFI_MEMORY_UC],
    ])('%s: %s', (status, _how, base, length, attributes) => {
      const can = EFI_MEMORY_UC | EFI_MEMORY_UCE | EFI_MEMORY_XP;
      const { ds } = world().withMmio(can);
      const set = (): void => ds.setMemorySpaceAttributes(base, length, attributes);
      expect(statusOf(set)).toBe(status);
      expect(ds.getMemorySpaceDescriptor(FREE).attributes).toBe(
        status === 'EFI_SUCCESS' ? attributes : 0n,
      );
    });

    test('EFI_NOT_AVAILABLE_YET: without EFI_CPU_ARCH_PROTOCOL, and not for what is no business of it', () => {
      const { ds, bs } = world().withMmio(EFI_MEMORY_UC);
      const handles = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: CpuArchProtocol });
      for (const handle of handles) bs.uninstallProtocolInterface(handle, CpuArchProtocol, null);
      const set = (attributes: bigint) => () => ds.setMemorySpaceAttributes(FREE, MIB, attributes);
      expect(statusOf(set(EFI_MEMORY_UC))).toBe('EFI_NOT_AVAILABLE_YET');
      expect(statusOf(set(EFI_MEMORY_RUNTIME))).toBe('EFI_SUCCESS');
    });

    test('RUNTIME alone leaves how it is cached; no attribute at all does not', () => {
      const { ds } = world().withMmio(EFI_MEMORY_UC);
      ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_UC);
      ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_RUNTIME);
      const both = EFI_MEMORY_UC | EFI_MEMORY_RUNTIME;
      expect(ds.getMemorySpaceDescriptor(FREE).attributes).toBe(both);
      ds.setMemorySpaceAttributes(FREE, MIB, 0n);
      expect(ds.getMemorySpaceDescriptor(FREE).attributes).toBe(0n);
    });
  });

  describe('SetMemorySpaceCapabilities (§7.2.4.7)', () => {
    test.each([
      ['EFI_INVALID_PARAMETER', 'no length', FREE, 0, EFI_MEMORY_UC],
      ['EFI_INVALID_PARAMETER', 'a part of a page', FREE, 1, EFI_MEMORY_UC],
      ['EFI_INVALID_PARAMETER', 'from within a page', FREE + 1, 0x1000, EFI_MEMORY_UC],
      ['EFI_UNSUPPORTED', 'beyond the processor', BEYOND, 0x1000, EFI_MEMORY_UC],
      ['EFI_UNSUPPORTED', 'without what it is', FREE, 0x1000, EFI_MEMORY_WC],
      ['EFI_SUCCESS', 'with what it is', FREE, 0x1000, EFI_MEMORY_UC | EFI_MEMORY_WC],
    ])('%s: %s', (status, _how, base, length, capabilities) => {
      const { ds } = world().withMmio(EFI_MEMORY_UC);
      ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_UC);
      const set = (): void => ds.setMemorySpaceCapabilities(base, length, capabilities);
      expect(statusOf(set)).toBe(status);
      const now = ds.getMemorySpaceDescriptor(FREE).capabilities;
      expect(now).toBe(
        status === 'EFI_SUCCESS' ? capabilities : EFI_MEMORY_UC | EFI_MEMORY_RUNTIME,
      );
    });

    test('of RAM: the memory map shows it, but what forbids access', () => {
      const { ds, bs, changesMap } = methods(world());
      const can = EFI_MEMORY_WB | EFI_MEMORY_RO;
      const set = (): void => ds.setMemorySpaceCapabilities(2 * MIB, MIB, can);
      expect(changesMap(set)).toBe(true);
      const { descriptors } = bs.getMemoryMap();
      expect(descriptors.filter(({ attribute }) => attribute === EFI_MEMORY_WB)).toEqual([
        {
          type: 'EfiConventionalMemory',
          physicalStart: 2 * MIB,
          virtualStart: 0,
          numberOfPages: 256,
          attribute: EFI_MEMORY_WB,
        },
      ]);
      const others = descriptors.filter(({ attribute }) => (attribute & RAM) === RAM);
      expect(others).toHaveLength(descriptors.length - 1);
    });
  });

  describe('GetMemorySpaceMap (§7.2.4.8)', () => {
    test('covers all that the processor reaches, without a gap, and RAM is the core`s', () => {
      const { ds } = world().withMmio();
      const map = ds.getMemorySpaceMap();
      expect(map.map(({ gcdMemoryType, length }) => [gcdMemoryType.slice(16), length])).toEqual([
        ['SystemMemory', 16 * MIB],
        ['NonExistent', FREE - 16 * MIB],
        ['MemoryMappedIo', MIB],
        ['NonExistent', BEYOND - FREE - MIB],
      ]);
      const core = map[0]?.imageHandle;
      expect(core).toBeDefined();
      expect(map.slice(1).every(({ imageHandle }) => imageHandle === undefined)).toBe(true);
      for (const [index, { baseAddress, length }] of map.entries()) {
        expect(map[index + 1]?.baseAddress ?? BEYOND).toBe(baseAddress + length);
      }
    });
  });

  describe('I/O space (§7.2.4.9 to §7.2.4.14)', () => {
    const io = (): GcdWorld => {
      const one = world();
      one.ds.addIoSpace('EfiGcdIoTypeIo', 0x6000, 0x1000);
      one.ds.allocateIoSpace(ADDRESS, 'EfiGcdIoTypeIo', 0, 0x100, 0x6000, one.image);
      return one;
    };
    const given: [string, string, string, (world: GcdWorld) => unknown][] = [
      ['AddIoSpace', 'EFI_SUCCESS', 'new ports', ({ ds }) => ds.addIoSpace('EfiGcdIoTypeIo', 0, 8)],
      [
        'AddIoSpace',
        'EFI_INVALID_PARAMETER',
        'of nothing',
        ({ ds }) => ds.addIoSpace('EfiGcdIoTypeNonExistent', 0, 8),
      ],
      [
        'AddIoSpace',
        'EFI_INVALID_PARAMETER',
        'no length',
        ({ ds }) => ds.addIoSpace('EfiGcdIoTypeIo', 0, 0),
      ],
      [
        'AddIoSpace',
        'EFI_UNSUPPORTED',
        'more than there are',
        ({ ds }) => ds.addIoSpace('EfiGcdIoTypeIo', 0xfff0, 0x11),
      ],
      [
        'AddIoSpace',
        'EFI_ACCESS_DENIED',
        'some that were added',
        ({ ds }) => ds.addIoSpace('EfiGcdIoTypeReserved', 0x5fff, 2),
      ],
      [
        'AllocateIoSpace',
        'EFI_SUCCESS',
        'from the bottom',
        ({ ds, image }) => {
          const base = ds.allocateIoSpace(UP, 'EfiGcdIoTypeIo', 10, 8, undefined, image);
          expect(base).toBe(0x6400);
        },
      ],
      [
        'AllocateIoSpace',
        'EFI_NOT_FOUND',
        'some that are allocated',
        ({ ds, image }) => ds.allocateIoSpace(ADDRESS, 'EfiGcdIoTypeIo', 0, 1, 0x60ff, image),
      ],
      [
        'AllocateIoSpace',
        'EFI_INVALID_PARAMETER',
        'for nobody',
        ({ ds }) => ds.allocateIoSpace(UP, 'EfiGcdIoTypeIo', 0, 8, undefined, undefined),
      ],
      ['FreeIoSpace', 'EFI_SUCCESS', 'allocated', ({ ds }) => ds.freeIoSpace(0x6000, 0x100)],
      ['FreeIoSpace', 'EFI_NOT_FOUND', 'free', ({ ds }) => ds.freeIoSpace(0x6000, 0x101)],
      ['FreeIoSpace', 'EFI_INVALID_PARAMETER', 'none', ({ ds }) => ds.freeIoSpace(0x6000, 0)],
      ['FreeIoSpace', 'EFI_UNSUPPORTED', 'beyond', ({ ds }) => ds.freeIoSpace(0x1_0000, 1)],
      ['RemoveIoSpace', 'EFI_SUCCESS', 'free', ({ ds }) => ds.removeIoSpace(0x6100, 0xf00)],
      ['RemoveIoSpace', 'EFI_ACCESS_DENIED', 'used', ({ ds }) => ds.removeIoSpace(0x60ff, 2)],
      ['RemoveIoSpace', 'EFI_NOT_FOUND', 'never added', ({ ds }) => ds.removeIoSpace(0x6fff, 2)],
      ['RemoveIoSpace', 'EFI_INVALID_PARAMETER', 'none', ({ ds }) => ds.removeIoSpace(0x6100, 0)],
      ['RemoveIoSpace', 'EFI_UNSUPPORTED', 'beyond', ({ ds }) => ds.removeIoSpace(0xffff, 2)],
      [
        'GetIoSpaceDescriptor',
        'EFI_SUCCESS',
        'a port',
        ({ ds, image }) =>
          expect(ds.getIoSpaceDescriptor(0x60ff)).toEqual({
            baseAddress: 0x6000,
            length: 0x100,
            gcdIoType: 'EfiGcdIoTypeIo',
            imageHandle: image,
            deviceHandle: undefined,
          }),
      ],
      [
        'GetIoSpaceDescriptor',
        'EFI_NOT_FOUND',
        'no port',
        ({ ds }) => ds.getIoSpaceDescriptor(0x1_0000),
      ],
      [
        'GetIoSpaceMap',
        'EFI_SUCCESS',
        'all ports',
        ({ ds }) =>
          expect(ds.getIoSpaceMap().map(({ length }) => length)).toEqual([
            0x6000, 0x100, 0xf00, 0x9000,
          ]),
      ],
    ];
    test.each(given)('%s: %s, %s', (_service, status, _how, body) => {
      expect(statusOf(() => body(io()))).toBe(status);
    });
  });

  describe('the memory map (UEFI §7.2.3)', () => {
    test('shows memory-mapped I/O that is needed at runtime, and no other', () => {
      const one = world().withMmio();
      const { ds, mapFrom } = methods(one);
      ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_UC);
      expect(mapFrom(16 * MIB)).toEqual([]);
      ds.setMemorySpaceAttributes(FREE + 0x1000, 0x2000, EFI_MEMORY_RUNTIME);
      expect(mapFrom(16 * MIB)).toEqual([
        {
          type: 'EfiMemoryMappedIO',
          physicalStart: FREE + 0x1000,
          virtualStart: 0,
          numberOfPages: 2,
          attribute: EFI_MEMORY_UC | EFI_MEMORY_RUNTIME,
        },
      ]);
    });

    test('whoever owns a range: it is one', () => {
      const one = world().withMmio();
      one.ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_RUNTIME);
      one.allocate(ADDRESS)(0x1000, FREE);
      expect(one.mapFrom(16 * MIB)).toMatchObject([{ numberOfPages: 256 }]);
    });

    test.each([
      [RESERVED, 'EfiReservedMemoryType', EFI_MEMORY_UC],
      ['EfiGcdMemoryTypePersistent', 'EfiPersistentMemory', EFI_MEMORY_UC | EFI_MEMORY_NV],
      ['EfiGcdMemoryTypeUnaccepted', 'EfiUnacceptedMemoryType', EFI_MEMORY_UC],
    ] as const)('shows %s as %s', (gcdType, type, attribute) => {
      const { ds, mapFrom } = methods(world());
      ds.addMemorySpace(gcdType, FREE, MIB, EFI_MEMORY_UC | EFI_MEMORY_XP);
      expect(mapFrom(16 * MIB)).toMatchObject([{ type, physicalStart: FREE, attribute }]);
    });

    test('another map has another key', () => {
      const keeps = profile === 'edk2';
      const { ds, changesMap, allocate } = methods(world().withMmio());
      expect(changesMap(() => allocate(ADDRESS)(0x1000, FREE))).toBe(false);
      expect(changesMap(() => ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_UC))).toBe(false);
      const runtime = (): void => ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_RUNTIME);
      expect(changesMap(runtime)).toBe(!keeps);
      const add = (): void => ds.addMemorySpace(RESERVED, 2 * FREE, MIB, 0n);
      expect(changesMap(add)).toBe(!keeps);
      expect(changesMap(() => ds.removeMemorySpace(2 * FREE, MIB))).toBe(!keeps);
    });
  });
});

describe('quirks of the Global Coherency Domain', () => {
  test.each([
    ['specification', 'EFI_SUCCESS'],
    ['edk2', 'EFI_INVALID_PARAMETER'],
  ] as const)(
    'GcdRefusesLessThanPage: less than a page of system memory (%s)',
    (profile, status) => {
      const { ds } = new GcdWorld(profile);
      expect(statusOf(() => ds.addMemorySpace(SYSTEM, FREE, 0x800, RAM))).toBe(status);
      expect(ds.getMemorySpaceDescriptor(FREE)).toMatchObject({ gcdMemoryType: SYSTEM });
    },
  );

  test.each([
    ['specification', EFI_MEMORY_RUNTIME | EFI_MEMORY_WC],
    ['edk2', EFI_MEMORY_RUNTIME | EFI_MEMORY_WC | EFI_MEMORY_UC],
  ] as const)('GcdAttributesAccumulate: RUNTIME of two ranges (%s)', (profile, second) => {
    const { ds } = new GcdWorld(profile).withMmio(EFI_MEMORY_UC | EFI_MEMORY_WC);
    ds.setMemorySpaceAttributes(FREE, 0x1000, EFI_MEMORY_UC);
    ds.setMemorySpaceAttributes(FREE + 0x1000, 0x1000, EFI_MEMORY_WC);
    ds.setMemorySpaceAttributes(FREE, 0x2000, EFI_MEMORY_RUNTIME);
    const first = EFI_MEMORY_RUNTIME | EFI_MEMORY_UC;
    expect(ds.getMemorySpaceDescriptor(FREE).attributes).toBe(first);
    expect(ds.getMemorySpaceDescriptor(FREE + 0x1000).attributes).toBe(second);
  });

  test('GcdTopDownLosesLast: a range that ends with the last address allowed (specification)', () => {
    const one = new GcdWorld('specification').withMmio();
    expect(one.allocate(DOWN_FROM)(MIB, FREE + MIB - 1)).toBe(FREE);
  });

  test('GcdTopDownLosesLast: a range that ends with the last address allowed (edk2)', () => {
    const one = new GcdWorld('edk2').withMmio();
    const allocate = (): number => one.allocate(DOWN_FROM)(MIB, FREE + MIB - 1);
    expect(statusOf(allocate)).toBe('EFI_NOT_FOUND');
    expect(one.allocate(DOWN_FROM)(MIB, FREE + MIB)).toBe(FREE);
  });
});

describe.each(PROFILES)('the table of DXE services (PI Vol. 2 §7, %s)', (profile) => {
  test('is each image`s own: who calls above TPL_NOTIFY has a name (UEFI §7.1)', () => {
    const tooHigh = module('TooHigh', (bs, _image, systemTable) => {
      bs.raiseTpl(TPL_HIGH_LEVEL);
      dxeServicesTable(systemTable).getIoSpaceMap();
    });
    const { core, findings } = new CoreWorld(profile, [tooHigh]);
    // EDK II's lock asserts what the standard leaves open
    expect(endOf(() => core.dispatch())?.message).toContain('it is 31, not to become 16');
    expect(findings).toMatchObject([{ rule: 'UEFI 7.1', image: 'TooHigh' }]);
  });

  test('ends with boot services', () => {
    const { core, bs } = new CoreWorld(profile);
    const ds = dxeServicesTable(core.systemTable);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(() => ds.getMemorySpaceMap()).toThrow(
      'lab called GetMemorySpaceMap after lab had ended boot services',
    );
  });

  test('costs as much as the boot services', () => {
    const { core, platform } = new CoreWorld(profile);
    const before = platform.cycles.now;
    dxeServicesTable(core.systemTable).getMemorySpaceDescriptor(0);
    expect(platform.cycles.now - before).toBe(100);
  });

  test('a machine without it: EFI_NOT_FOUND', () => {
    expect(statusOf(() => dxeServicesTable({ configurationTable: new Map() }))).toBe(
      'EFI_NOT_FOUND',
    );
  });
});

describe.each(PROFILES)('the dispatcher`s services (PI Vol. 2 §7.3, %s)', (profile) => {
  /** A module that waits for Schedule, and one that asks for it. */
  function sorWorld(ask: (ds: EfiDxeServices, file: Guid) => void): string[] {
    const started: string[] = [];
    const asked: DxeModule = {
      ...module('Asked', () => void started.push('Asked')),
      fileGuid: ASKED,
      depex: { op: 'SOR', operand: { op: 'TRUE' } },
    };
    const asks = module('Asks', (_bs, _image, systemTable) => {
      started.push('Asks');
      ask(dxeServicesTable(systemTable), ASKED);
    });
    const { core } = new CoreWorld(profile, [asked, asks]);
    core.dispatch();
    return started;
  }

  test('Dispatch (§7.3.1) starts what can be started, and is EFI_NOT_FOUND if nothing can', () => {
    const { core } = new CoreWorld(profile, [module('One', () => {})]);
    const ds = dxeServicesTable(core.systemTable);
    expect(statusOf(() => ds.dispatch())).toBe('EFI_SUCCESS');
    expect(statusOf(() => ds.dispatch())).toBe('EFI_NOT_FOUND');
  });

  test('Dispatch (§7.3.1) within itself is EFI_ALREADY_STARTED', () => {
    const statuses: EfiStatus[] = [];
    sorWorld((ds) => statuses.push(statusOf(() => ds.dispatch())));
    expect(statuses).toEqual(['EFI_ALREADY_STARTED']);
  });

  test('Schedule (§7.3.2) lets a module with SOR be dispatched, once', () => {
    const statuses: EfiStatus[] = [];
    const started = sorWorld((ds, file) => {
      statuses.push(statusOf(() => ds.schedule(undefined, file)));
      statuses.push(statusOf(() => ds.schedule(undefined, file)));
    });
    expect(started).toEqual(['Asks', 'Asked']);
    expect(statuses).toEqual(['EFI_SUCCESS', 'EFI_NOT_FOUND']);
    expect(sorWorld(() => {})).toEqual(['Asks']);
  });

  test('Schedule (§7.3.2) of what is in no firmware volume is EFI_NOT_FOUND', () => {
    const { core } = new CoreWorld(profile);
    const ds = dxeServicesTable(core.systemTable);
    expect(statusOf(() => ds.schedule(core.labImage, ASKED))).toBe('EFI_NOT_FOUND');
    expect(statusOf(() => ds.schedule(undefined, ASKED))).toBe('EFI_NOT_FOUND');
  });

  test('Trust (§7.3.3): no module is held back', () => {
    const ds = dxeServicesTable(new CoreWorld(profile).core.systemTable);
    expect(statusOf(() => ds.trust(undefined, ASKED))).toBe('EFI_NOT_FOUND');
  });

  test('ProcessFirmwareVolume (§7.3.4) is not modelled, and says so', () => {
    const ds = dxeServicesTable(new CoreWorld(profile).core.systemTable);
    expect(() => ds.processFirmwareVolume(0, 0)).toThrow(NotModelledError);
  });
});

/** A world's methods, for who takes it apart. */
function methods(world: GcdWorld) {
  return {
    ds: world.ds,
    bs: world.bs,
    changesMap: (body: () => void) => world.changesMap(body),
    mapFrom: (address: number) => world.mapFrom(address),
    allocate: (type: Parameters<GcdWorld['allocate']>[0]) => world.allocate(type),
  };
}
