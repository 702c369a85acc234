import type { EfiGcdAllocateType } from '@dxelab/uefi';
import type { SpaceMap } from './space-map.ts';

/** What range is looked for. */
export interface SpaceRequest {
  readonly allocateType: EfiGcdAllocateType;
  /** The base 2 logarithm of what the address is a multiple of. */
  readonly alignment: number;
  readonly length: number;
  /** The address wanted, or the highest that may be used; the searches without limit ignore it. */
  readonly address: number;
}

/**
 * Where a range can be allocated, if anywhere: from the end at which the request begins, and across
 * neighbours that differ, as long as all of them may be used.
 * MdeModulePkg/Core/Dxe/Gcd/Gcd.c, CoreAllocateSpace.
 * @param fits whether addresses of that value may be used
 * @param losesLast whether a search from the top passes over ranges that end with the last address allowed
 */
export function findSpace<Value>(
  map: SpaceMap<Value>,
  request: SpaceRequest,
  fits: (value: Value) => boolean,
  losesLast: boolean,
): number | undefined {
  const { allocateType, length, address } = request;
  const granule = 2 ** request.alignment;
  const isFree = (base: number): boolean =>
    map.over(base, length)?.every(({ value }) => fits(value)) ?? false;
  const last = (map.ranges.at(-1)?.end ?? 0) - 1;

  switch (allocateType) {
    case 'EfiGcdAllocateAddress':
      return address % granule === 0 && isFree(address) ? address : undefined;
    case 'EfiGcdAllocateAnySearchBottomUp':
      return lowest(last);
    case 'EfiGcdAllocateMaxAddressSearchBottomUp':
      return lowest(address);
    case 'EfiGcdAllocateAnySearchTopDown':
      return highest(last);
    case 'EfiGcdAllocateMaxAddressSearchTopDown':
    default:
      return highest(address);
  }

  function lowest(limit: number): number | undefined {
    for (const { start, value } of map.ranges) {
      if (!fits(value)) continue;
      const base = Math.ceil(start / granule) * granule;
      if (base + length - 1 > limit) return undefined;
      if (isFree(base)) return base;
    }
    return undefined;
  }

  function highest(limit: number): number | undefined {
    for (const { start, end, value } of map.ranges.toReversed()) {
      if (!fits(value)) continue;
      if (losesLast && start + length > limit) continue;
      const base = Math.floor((Math.min(end - 1, limit) + 1 - length) / granule) * granule;
      if (base < 0) return undefined;
      if (isFree(base)) return base;
    }
    return undefined;
  }
}
