import type { EfiEvent, EfiMemoryType, EfiError } from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_MEMORY_MAP_CHANGE,
  EFI_MEMORY_RUNTIME,
  EFI_PAGE_SIZE,
  EVT_NOTIFY_SIGNAL,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
  isEfiFailure,
} from '@dxelab/uefi';
import type { HobList } from '@dxelab/platform';
import { isTerminalSignal } from '@dxelab/platform';
import { Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { EventServices } from '../event/event-services.ts';
import { ModuleDebug } from '../misc/module-debug.ts';
import { TestPlatform } from '../test-platform.fixture.ts';
import { CoherencyDomain } from '../gcd/coherency-domain.ts';
import { MemoryServices } from './memory-services.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** A world with these ranges of RAM; none of it is behind the addresses, as nothing may touch it. */
function world(
  ranges: readonly (readonly [base: number, length: number])[] = [
    [0, 0xa0000],
    [MIB, 15 * MIB],
  ],
  hobs: Partial<HobList> = {},
) {
  const platform = new TestPlatform(undefined, {
    resources: ranges.map(([base, length]) => ({
      type: 'EFI_RESOURCE_SYSTEM_MEMORY',
      base,
      length,
    })),
    ...hobs,
  });
  const debug = new ModuleDebug(platform, 'DxeCore', undefined);
  const events = new EventServices(platform, debug, new Quirks('specification'));
  const { memory: space } = new CoherencyDomain(platform.hobs, new Quirks('specification'));
  const memory = new MemoryServices(platform, events, space);
  return { platform, events, memory };
}

const errorOf = (body: () => unknown): EfiError | undefined => {
  try {
    body();
  } catch (caught) {
    if (isEfiFailure(caught)) return caught;
    throw caught;
  }
  return undefined;
};
const statusOf = (body: () => unknown): string => errorOf(body)?.status ?? 'EFI_SUCCESS';

/** The map as `type start+pages`, in pages. */
const mapOf = (memory: MemoryServices): string[] =>
  memory
    .getMemoryMap()
    .descriptors.map(
      ({ type, physicalStart, numberOfPages }) =>
        `${type} ${physicalStart / EFI_PAGE_SIZE}+${numberOfPages}`,
    );

describe('AllocatePages (UEFI §7.2.1)', () => {
  test.each<EfiMemoryType>([
    'EfiConventionalMemory',
    'EfiPersistentMemory',
    'EfiUnacceptedMemoryType',
    16,
    0x6fff_ffff,
    0x1_0000_0000,
  ])('type %s cannot be allocated', (type) => {
    const { memory } = world();
    expect(statusOf(() => memory.allocatePages('AllocateAnyPages', type, 1))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test.each<EfiMemoryType>(['EfiReservedMemoryType', 'EfiACPIMemoryNVS', 0x7000_0000, 0xffff_ffff])(
    'type %s can be allocated',
    (type) => {
      const { memory } = world();
      memory.allocatePages('AllocateAnyPages', type, 1);
      expect(mapOf(memory)).toContain(`${type} 4095+1`);
    },
  );

  test('goes from the top down', () => {
    const { memory } = world();
    expect(memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 2)).toBe(16 * MIB - 8192);
    expect(memory.allocatePages('AllocateAnyPages', 'EfiLoaderCode', 1)).toBe(16 * MIB - 12288);
  });

  test('looks below 4 GiB first, and above when there is no room', () => {
    const { memory } = world([
      [0, 2 * GIB],
      [4 * GIB, 4 * GIB],
    ]);
    expect(memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1)).toBe(2 * GIB - 4096);
    const large = 3 * GIB;
    expect(memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', large / 4096)).toBe(5 * GIB);
  });

  test('page 0 is never given out', () => {
    const { memory } = world([[0, 4 * EFI_PAGE_SIZE]]);
    const all = () => memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 4);
    expect(statusOf(all)).toBe('EFI_OUT_OF_RESOURCES');
    const at0 = () => memory.allocatePages('AllocateAddress', 'EfiLoaderData', 1, 0);
    expect(statusOf(at0)).toBe('EFI_NOT_FOUND');
    expect(memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 3)).toBe(EFI_PAGE_SIZE);
    expect(mapOf(memory)).toEqual(['EfiConventionalMemory 0+1', 'EfiLoaderData 1+3']);
  });

  test('AllocateMaxAddress: the last byte lies at or below the address', () => {
    const { memory } = world();
    const below = (max: number) =>
      memory.allocatePages('AllocateMaxAddress', 'EfiLoaderData', 1, max);
    expect(below(2 * MIB - 1)).toBe(2 * MIB - 4096);
    expect(below(2 * MIB)).toBe(2 * MIB - 8192);
    expect(below(2 * MIB + 4095)).toBe(2 * MIB);
    expect(below(0xfffff)).toBe(0x9f000);
    expect(statusOf(() => below(4096))).toBe('EFI_OUT_OF_RESOURCES');
    expect(below(2 ** 64)).toBe(16 * MIB - 4096);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 60])('%s pages are out of resources', (pages) => {
    const { memory } = world();
    expect(statusOf(() => memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', pages))).toBe(
      'EFI_OUT_OF_RESOURCES',
    );
    const at = () => memory.allocatePages('AllocateAddress', 'EfiLoaderData', pages, 2 * MIB);
    expect(statusOf(at)).toBe('EFI_NOT_FOUND');
  });

  test('AllocateAddress: all pages must be free, and the address that of a page', () => {
    const { memory } = world();
    const at = (address: number, pages: number) =>
      statusOf(() => memory.allocatePages('AllocateAddress', 'EfiLoaderData', pages, address));
    expect(at(2 * MIB, 4)).toBe('EFI_SUCCESS');
    expect(at(2 * MIB + 8192, 1)).toBe('EFI_NOT_FOUND');
    expect(at(2 * MIB - 4096, 2)).toBe('EFI_NOT_FOUND');
    expect(at(3 * MIB + 1, 1)).toBe('EFI_NOT_FOUND');
    expect(at(16 * MIB - 4096, 2)).toBe('EFI_NOT_FOUND');
    expect(at(0xb0000, 1)).toBe('EFI_NOT_FOUND');
    expect(mapOf(memory)).toEqual([
      'EfiConventionalMemory 0+160',
      'EfiConventionalMemory 256+256',
      'EfiLoaderData 512+4',
      'EfiConventionalMemory 516+3580',
    ]);
  });

  test('an address is needed where one is meant', () => {
    const { memory } = world();
    expect(statusOf(() => memory.allocatePages('AllocateAddress', 'EfiLoaderData', 1))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });
});

describe('FreePages (UEFI §7.2.2)', () => {
  test('what is not allocated is EFI_NOT_FOUND, before the alignment is looked at', () => {
    const { memory } = world();
    expect(statusOf(() => memory.freePages(2 * MIB + 1, 1))).toBe('EFI_NOT_FOUND');
    expect(statusOf(() => memory.freePages(0xb0000, 1))).toBe('EFI_NOT_FOUND');
    const address = memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 2);
    expect(statusOf(() => memory.freePages(address + 1, 1))).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(() => memory.freePages(address, 0))).toBe('EFI_INVALID_PARAMETER');
  });

  test('of a range that is partly free nothing is freed', () => {
    const { memory } = world();
    const address = memory.allocatePages('AllocateAddress', 'EfiLoaderData', 2, 2 * MIB);
    const before = mapOf(memory);
    expect(statusOf(() => memory.freePages(address, 3))).toBe('EFI_NOT_FOUND');
    expect(mapOf(memory)).toEqual(before);
  });

  test('a part of an allocation can be freed', () => {
    const { memory } = world([[MIB, 8 * EFI_PAGE_SIZE]]);
    const address = memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 8);
    memory.freePages(address + 3 * EFI_PAGE_SIZE, 2);
    expect(mapOf(memory)).toEqual([
      'EfiLoaderData 256+3',
      'EfiConventionalMemory 259+2',
      'EfiLoaderData 261+3',
    ]);
  });

  test('several allocations can be freed at once, and free neighbours are one', () => {
    const { memory } = world([[MIB, 8 * EFI_PAGE_SIZE]]);
    memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 2);
    memory.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 2);
    memory.freePages(MIB + 4 * EFI_PAGE_SIZE, 4);
    expect(mapOf(memory)).toEqual(['EfiConventionalMemory 256+8']);
  });

  test('memory that is free on both sides of what is freed is one again', () => {
    const { memory } = world([[MIB, 9 * EFI_PAGE_SIZE]]);
    memory.allocatePages('AllocateAddress', 'EfiLoaderData', 3, MIB + 3 * EFI_PAGE_SIZE);
    memory.freePages(MIB + 3 * EFI_PAGE_SIZE, 3);
    expect(memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 9)).toBe(MIB);
  });

  test('the pages of the pool are not to be freed as pages', () => {
    const { memory } = world();
    const { address } = memory.allocatePool('EfiLoaderData', 10_000);
    expect(statusOf(() => memory.freePages(address, 1))).toBe('EFI_NOT_FOUND');
  });
});

describe('GetMemoryMap (UEFI §7.2.3)', () => {
  test('describes RAM and what PEI left in it', () => {
    const { memory } = world(
      [
        [4 * GIB, GIB],
        [0, 0xa0000],
        [MIB, 15 * MIB],
      ],
      {
        allocations: [
          { memoryType: 'EfiACPIMemoryNVS', base: 8 * MIB, length: 8192 },
          { memoryType: 'EfiReservedMemoryType', base: 0xffc0_0000, length: 4 * MIB },
        ],
      },
    );
    expect(mapOf(memory)).toEqual([
      'EfiConventionalMemory 0+160',
      'EfiConventionalMemory 256+1792',
      'EfiACPIMemoryNVS 2048+2',
      'EfiConventionalMemory 2050+2046',
      'EfiReservedMemoryType 1047552+1024',
      'EfiConventionalMemory 1048576+262144',
    ]);
  });

  test('a HOB list that describes memory twice is a broken machine', () => {
    expect(() =>
      world([
        [0, MIB],
        [MIB / 2, MIB],
      ]),
    ).toThrow(/described twice/);
  });

  test('only runtime memory has the runtime attribute', () => {
    const { memory } = world();
    memory.allocatePages('AllocateAnyPages', 'EfiRuntimeServicesCode', 1);
    memory.allocatePages('AllocateAnyPages', 'EfiRuntimeServicesData', 1);
    memory.allocatePages('AllocateAnyPages', 'EfiBootServicesCode', 1);
    const runtime = memory
      .getMemoryMap()
      .descriptors.filter(({ attribute }) => (attribute & EFI_MEMORY_RUNTIME) !== 0n);
    expect(runtime.map(({ type }) => type)).toEqual([
      'EfiRuntimeServicesData',
      'EfiRuntimeServicesCode',
    ]);
  });

  test('descriptors are larger than their structure', () => {
    const map = world().memory.getMemoryMap();
    expect(map.descriptorSize).toBe(48);
    expect(map.descriptorVersion).toBe(1);
  });

  test('the key changes with the map, and only with it', () => {
    const { memory } = world();
    const key = () => memory.getMemoryMap().mapKey;
    const first = key();
    expect(key()).toBe(first);
    const address = memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1);
    const second = key();
    expect(second).not.toBe(first);
    expect(statusOf(() => memory.freePages(address - 4096, 1))).toBe('EFI_NOT_FOUND');
    expect(key()).toBe(second);
    memory.freePages(address, 1);
    expect([first, second]).not.toContain(key());
    expect(() => memory.checkMapKey(key())).not.toThrow();
    expect(statusOf(() => memory.checkMapKey(second))).toBe('EFI_INVALID_PARAMETER');
  });

  test('each change signals the MemoryMapChange group, after the lock is released', () => {
    const { memory, events } = world();
    const tpls: number[] = [];
    const notify = (_event: EfiEvent): void => {
      tpls.push(events.currentTpl);
      memory.getMemoryMap();
    };
    const group = EFI_EVENT_GROUP_MEMORY_MAP_CHANGE;
    events.createEvent(EVT_NOTIFY_SIGNAL, TPL_NOTIFY, notify, null, group);
    const address = memory.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1);
    memory.freePages(address, 1);
    const pool = memory.allocatePool('EfiLoaderData', 1);
    memory.allocatePool('EfiLoaderData', 1);
    expect(tpls).toEqual([16, 16, 16]);
    memory.freePool(pool);
    expect(tpls).toHaveLength(3);
  });
});

describe('AllocatePool and FreePool (UEFI §7.2.4, §7.2.5)', () => {
  test('memory is aligned to 8 and of its type', () => {
    const { memory } = world();
    for (const size of [0, 1, 7, 8, 128, 129, 2048, 2049, 4096, 100_000]) {
      const buffer = memory.allocatePool('EfiRuntimeServicesData', size);
      expect(buffer.length).toBe(size);
      expect(buffer.address % 8).toBe(0);
      const found = memory
        .getMemoryMap()
        .descriptors.find(
          ({ physicalStart, numberOfPages }) =>
            buffer.address >= physicalStart &&
            buffer.address + Math.max(size, 1) <= physicalStart + numberOfPages * EFI_PAGE_SIZE,
        );
      expect(found?.type).toBe('EfiRuntimeServicesData');
    }
  });

  test('an allocation from pages that the pool has does not change the key', () => {
    const { memory } = world();
    const first = memory.allocatePool('EfiLoaderData', 100);
    const { mapKey } = memory.getMemoryMap();
    const second = memory.allocatePool('EfiLoaderData', 100);
    memory.freePool(first);
    expect(memory.getMemoryMap().mapKey).toBe(mapKey);
    memory.freePool(second);
    expect(memory.getMemoryMap().mapKey).not.toBe(mapKey);
    expect(mapOf(memory)).not.toContain('EfiLoaderData');
  });

  test('pages that were full serve again as soon as one of their blocks is back', () => {
    const { memory } = world();
    const blocks = Array.from({ length: 32 }, () => memory.allocatePool('EfiLoaderData', 128));
    expect(mapOf(memory)).toContain('EfiLoaderData 4095+1');
    const [first, , third] = blocks;
    for (const block of [first, third]) if (block !== undefined) memory.freePool(block);
    const again = [
      memory.allocatePool('EfiLoaderData', 1),
      memory.allocatePool('EfiLoaderData', 1),
    ];
    expect(again.map(({ address }) => address)).toEqual([first?.address, third?.address]);
    expect(mapOf(memory)).toContain('EfiLoaderData 4095+1');
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 40])('%s bytes are out of resources', (size) => {
    const { memory } = world();
    expect(statusOf(() => memory.allocatePool('EfiLoaderData', size))).toBe('EFI_OUT_OF_RESOURCES');
  });

  test('the type is checked as that of pages is', () => {
    const { memory } = world();
    expect(statusOf(() => memory.allocatePool('EfiConventionalMemory', 1))).toBe(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('what the pool did not give, or has back, cannot be freed', () => {
    const { memory } = world();
    const buffer = memory.allocatePool('EfiLoaderData', 300);
    const inside = { address: buffer.address + 8, length: 8 };
    expect(statusOf(() => memory.freePool(inside))).toBe('EFI_INVALID_PARAMETER');
    memory.freePool(buffer);
    expect(statusOf(() => memory.freePool(buffer))).toBe('EFI_INVALID_PARAMETER');
    expect(memory.held()).toEqual([]);
  });
});

describe('the memory lock', () => {
  test('a memory service above TPL_NOTIFY fails an ASSERT', () => {
    const { memory, events } = world();
    events.raiseTpl(TPL_HIGH_LEVEL);
    let end = '';
    try {
      memory.allocatePool('EfiLoaderData', 1);
    } catch (caught) {
      end = isTerminalSignal(caught) ? caught.kind : String(caught);
    }
    expect(end).toBe('asserted');
  });

  test('the TPL is as it was after an error', () => {
    const { memory, events } = world();
    events.raiseTpl(TPL_CALLBACK);
    expect(errorOf(() => memory.freePages(0, 1))).toBeDefined();
    expect(events.currentTpl).toBe(TPL_CALLBACK);
  });
});

describe('CopyMem and SetMem (UEFI §7.5)', () => {
  test('copies may overlap, fills take a byte', () => {
    const { memory, platform } = world();
    memory.setMem(0x1000, 4, 0x1ab);
    platform.ram.writeUint32(0x1004, 0x04030201);
    memory.copyMem(0x1002, 0x1000, 8);
    expect(platform.ram.readUint32(0x1004)).toBe(0x0201abab);
    expect(platform.ram.readUint32(0x1006)).toBe(0x04030201);
    memory.copyMem(2 ** 50, 2 ** 50, 0);
    memory.setMem(2 ** 50, 0, 0);
  });
});
