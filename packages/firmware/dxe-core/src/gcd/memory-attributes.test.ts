import {
  EFI_MEMORY_NV,
  EFI_MEMORY_RO,
  EFI_MEMORY_RUNTIME,
  EFI_MEMORY_UCE,
  EFI_MEMORY_UC,
  EFI_MEMORY_WB,
  EFI_MEMORY_WC,
  EFI_MEMORY_WT,
  EFI_MEMORY_XP,
  CpuArchProtocol,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { statusOf } from '../core/core-world.fixture.ts';
import {
  ADDRESS,
  BEYOND,
  DOWN_FROM,
  FREE,
  GcdWorld,
  MIB,
  RAM,
  RESERVED,
  SYSTEM,
} from './gcd-world.fixture.ts';

describe.each(PROFILES)('what memory is (PI Vol. 2 §7.2, %s)', (profile) => {
  const world = (): GcdWorld => new GcdWorld(profile);

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
      const one = world();
      const { ds, bs } = one;
      const can = EFI_MEMORY_WB | EFI_MEMORY_RO;
      const set = (): void => ds.setMemorySpaceCapabilities(2 * MIB, MIB, can);
      expect(one.changesMap(set)).toBe(true);
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

  describe('the memory map (UEFI §7.2.3)', () => {
    test('shows memory-mapped I/O that is needed at runtime, and no other', () => {
      const one = world().withMmio();
      const { ds } = one;
      ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_UC);
      expect(one.mapFrom(16 * MIB)).toEqual([]);
      ds.setMemorySpaceAttributes(FREE + 0x1000, 0x2000, EFI_MEMORY_RUNTIME);
      expect(one.mapFrom(16 * MIB)).toEqual([
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
      const one = world();
      const { ds } = one;
      ds.addMemorySpace(gcdType, FREE, MIB, EFI_MEMORY_UC | EFI_MEMORY_XP);
      expect(one.mapFrom(16 * MIB)).toMatchObject([{ type, physicalStart: FREE, attribute }]);
    });

    test('another map has another key', () => {
      const keeps = profile === 'edk2';
      const one = world().withMmio();
      const { ds } = one;
      expect(one.changesMap(() => one.allocate(ADDRESS)(0x1000, FREE))).toBe(false);
      expect(one.changesMap(() => ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_UC))).toBe(
        false,
      );
      const runtime = (): void => ds.setMemorySpaceAttributes(FREE, MIB, EFI_MEMORY_RUNTIME);
      expect(one.changesMap(runtime)).toBe(!keeps);
      const add = (): void => ds.addMemorySpace(RESERVED, 2 * FREE, MIB, 0n);
      expect(one.changesMap(add)).toBe(!keeps);
      expect(one.changesMap(() => ds.removeMemorySpace(2 * FREE, MIB))).toBe(!keeps);
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
