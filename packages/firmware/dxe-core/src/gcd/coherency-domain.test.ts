import type { HobList } from '@dxelab/platform';
import type { EfiHandle } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoherencyDomain } from './coherency-domain.ts';

const MIB = 2 ** 20;
const CORE: EfiHandle = { number: 1 };

/** The domain that a HOB list describes, claimed by the core; as `start type owner`, in pages. */
function domain(hobs: Partial<HobList>): readonly string[] {
  const made = new CoherencyDomain(
    {
      machineType: 'X64',
      resources: [{ type: 'EFI_RESOURCE_SYSTEM_MEMORY', base: 0, length: MIB }],
      allocations: [],
      pciRootBridges: [],
      deviceTree: undefined,
      ...hobs,
    },
    new Quirks('specification'),
  );
  made.claim(CORE);
  return made.memory.ranges.map(({ start, value: { type, imageHandle } }) =>
    [start / 0x1000, type.slice(16), imageHandle === undefined ? 'nobody' : 'core'].join(' '),
  );
}

describe('what PEI hands over (PI Vol. 3 §5; Gcd.c, CoreInitializeGcdServices)', () => {
  test('RAM is the core`s, in whole pages', () => {
    expect(
      domain({
        resources: [{ type: 'EFI_RESOURCE_SYSTEM_MEMORY', base: 0x800, length: 0x1000 * 3 }],
      }),
    ).toEqual([
      '0 NonExistent nobody',
      '0.5 SystemMemory nobody',
      '1 SystemMemory core',
      '3 SystemMemory nobody',
      '3.5 NonExistent nobody',
    ]);
  });

  test('memory-mapped I/O is nobody`s, but for what PEI used', () => {
    expect(
      domain({
        resources: [{ type: 'EFI_RESOURCE_MEMORY_MAPPED_IO', base: 0, length: MIB }],
        allocations: [{ memoryType: 'EfiBootServicesData', base: 0x1000, length: 0x1000 }],
      }),
    ).toEqual([
      '0 MemoryMappedIo nobody',
      '1 MemoryMappedIo core',
      '2 MemoryMappedIo nobody',
      '256 NonExistent nobody',
    ]);
  });

  test('what PEI used may be nothing, be described twice, or go beyond RAM', () => {
    const used = (base: number, length: number) =>
      ({ memoryType: 'EfiBootServicesData', base, length }) as const;
    expect(
      domain({
        allocations: [
          used(0, 0),
          used(0, 0x2000),
          used(0x1000, 0x2000),
          used(MIB - 0x1000, 0x2000),
        ],
      }),
    ).toEqual(['0 SystemMemory core', '256 NonExistent core', '257 NonExistent nobody']);
  });

  test('a HOB list that contradicts itself is a broken machine', () => {
    const twice = { type: 'EFI_RESOURCE_MEMORY_MAPPED_IO', base: 0, length: MIB } as const;
    expect(() => domain({ resources: [twice, twice] })).toThrow(RangeError);
  });
});
