import type { EfiHandle } from '@dxelab/uefi';
import { EFI_GCD_ALLOCATE_TYPES, EfiError } from '@dxelab/uefi';
import type { SpaceRequest } from './find-space.ts';
import { findSpace } from './find-space.ts';
import type { SpaceRange } from './space-map.ts';
import { SpaceMap } from './space-map.ts';

/** Alignments are logarithms, below this one. */
const ALIGNMENT_MAX = 64;

/** What an address is, and whose. */
export interface GcdUse<Type> {
  readonly type: Type;
  readonly capabilities: bigint;
  readonly attributes: bigint;
  readonly imageHandle: EfiHandle | undefined;
  readonly deviceHandle: EfiHandle | undefined;
}

/** An allocation as it is asked for. */
export interface GcdRequest<Type> extends Omit<SpaceRequest, 'address'> {
  readonly type: Type;
  readonly address: number | undefined;
  readonly imageHandle: EfiHandle | undefined;
  readonly deviceHandle: EfiHandle | undefined;
}

/** A change of a range, of which each part may be used for something else. */
export interface GcdChange<Type> {
  /** Why a part cannot be changed. */
  readonly refuse: (use: GcdUse<Type>) => EfiError | undefined;
  /** Called when nothing refuses; what it throws leaves all as it was. */
  readonly prepare?: () => void;
  readonly change: (use: GcdUse<Type>) => GcdUse<Type>;
}

/**
 * One of the two spaces of the Global Coherency Domain (PI Vol. 2 §7.2), without its lock: what is alike for
 * memory and I/O. MdeModulePkg/Core/Dxe/Gcd/Gcd.c.
 */
export class GcdSpace<Type extends string> {
  /** `Memory` or `Io`, as the services are called. */
  readonly #name: string;
  readonly #types: readonly Type[];
  readonly #nonExistent: Type;
  readonly #losesLast: boolean;
  readonly #map: SpaceMap<GcdUse<Type>>;

  /**
   * @param bits how many address lines the processor has
   * @param nonExistent the type of what nothing decodes
   * @param losesLast whether a search from the top passes over ranges that end with the last address allowed
   */
  constructor(
    name: 'Memory' | 'Io',
    bits: number,
    types: readonly Type[],
    nonExistent: Type,
    losesLast: boolean,
  ) {
    this.#name = name;
    this.#types = types;
    this.#nonExistent = nonExistent;
    this.#losesLast = losesLast;
    this.#map = new SpaceMap<GcdUse<Type>>(2 ** bits, unused(nonExistent), alike);
  }

  /** All of the space, in ascending order. */
  get ranges(): readonly SpaceRange<GcdUse<Type>>[] {
    return this.#map.ranges;
  }

  /** The ranges that hold some of these addresses; `undefined` if one of them is outside the space. */
  over(base: number, length: number): readonly SpaceRange<GcdUse<Type>>[] | undefined {
    return this.#map.over(base, length);
  }

  /** Whether nothing decodes these addresses yet. */
  isNew(base: number, length: number): boolean {
    const ranges = this.over(base, length) ?? [];
    return ranges.every(({ value }) => value.type === this.#nonExistent);
  }

  /** @throws EFI_NOT_FOUND */
  at(address: number): SpaceRange<GcdUse<Type>> {
    const range = this.#map.find(address);
    if (range !== undefined) return range;
    throw new EfiError(
      'EFI_NOT_FOUND',
      `Get${this.#name}SpaceDescriptor: the processor does not reach 0x${address.toString(16)}`,
    );
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, EFI_ACCESS_DENIED */
  add(type: Type, base: number, length: number, capabilities: bigint): void {
    const service = `Add${this.#name}Space`;
    this.#checkType(service, type);
    if (type === this.#nonExistent) throw noType(service, type);
    this.change(service, base, length, {
      refuse: (use) => {
        if (use.type === this.#nonExistent && use.imageHandle === undefined) return undefined;
        return new EfiError('EFI_ACCESS_DENIED', `${service}: some of it is ${describe(use)}`);
      },
      change: (use) => ({ ...use, type, capabilities }),
    });
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND */
  allocate(request: GcdRequest<Type>): number {
    const service = `Allocate${this.#name}Space`;
    const { type, allocateType, alignment, length, address, imageHandle, deviceHandle } = request;
    if (!EFI_GCD_ALLOCATE_TYPES.includes(allocateType)) throw noType(service, allocateType);
    this.#checkType(service, type);
    if (address === undefined && !allocateType.startsWith('EfiGcdAllocateAny')) {
      throw new EfiError('EFI_INVALID_PARAMETER', `${service}: ${allocateType} needs an address`);
    }
    if (imageHandle === undefined) {
      throw new EfiError('EFI_INVALID_PARAMETER', `${service} needs an image handle`);
    }
    if (alignment >= ALIGNMENT_MAX) {
      throw new EfiError('EFI_NOT_FOUND', `${service}: no address is a multiple of 2^${alignment}`);
    }
    checkLength(service, length);
    const base = findSpace(
      this.#map,
      { allocateType, alignment, length, address: address ?? 0 },
      (use) => use.imageHandle === undefined && use.type === type,
      this.#losesLast,
    );
    if (base === undefined) {
      throw new EfiError(
        'EFI_NOT_FOUND',
        `${service}: no 0x${length.toString(16)} bytes of ${type} are free where they are wanted`,
      );
    }
    this.#map.change(base, length, (use) => ({ ...use, imageHandle, deviceHandle }));
    return base;
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, EFI_NOT_FOUND */
  free(base: number, length: number): void {
    const service = `Free${this.#name}Space`;
    this.change(service, base, length, {
      refuse: ({ imageHandle }) =>
        imageHandle === undefined
          ? new EfiError('EFI_NOT_FOUND', `${service}: some of it is not allocated`)
          : undefined,
      change: (use) => ({ ...use, imageHandle: undefined, deviceHandle: undefined }),
    });
  }

  /** Attributes stay, as the standard has no service that resets them. @throws as the service */
  remove(base: number, length: number): void {
    const service = `Remove${this.#name}Space`;
    const type = this.#nonExistent;
    this.change(service, base, length, {
      refuse: (use) => {
        if (use.type === type) {
          return new EfiError('EFI_NOT_FOUND', `${service}: some of it was never added`);
        }
        if (use.imageHandle === undefined) return undefined;
        return new EfiError('EFI_ACCESS_DENIED', `${service}: some of it is ${describe(use)}`);
      },
      change: (use) => ({ ...use, type, capabilities: 0n }),
    });
  }

  /**
   * Changes a range, all of it or nothing.
   * @throws EFI_INVALID_PARAMETER for no length, EFI_UNSUPPORTED beyond the space, or the first refusal
   */
  change(service: string, base: number, length: number, rule: GcdChange<Type>): void {
    checkLength(service, length);
    const ranges = Number.isInteger(base) ? this.over(base, length) : undefined;
    if (ranges === undefined) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `${service}: the processor does not reach 0x${length.toString(16)} from 0x${base.toString(16)}`,
      );
    }
    for (const { value } of ranges) {
      const refusal = rule.refuse(value);
      if (refusal !== undefined) throw refusal;
    }
    rule.prepare?.();
    this.#map.change(base, length, (use) => rule.change(use));
  }

  #checkType(service: string, type: Type): void {
    if (!this.#types.includes(type)) throw noType(service, type);
  }
}

function checkLength(service: string, length: number): void {
  if (Number.isInteger(length) && length > 0) return;
  throw new EfiError('EFI_INVALID_PARAMETER', `${service}: a length of ${length}`);
}

function noType(service: string, type: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', `${service}: ${type} is no type for it`);
}

function unused<Type>(type: Type): GcdUse<Type> {
  return {
    type,
    capabilities: 0n,
    attributes: 0n,
    imageHandle: undefined,
    deviceHandle: undefined,
  };
}

function alike<Type>(a: GcdUse<Type>, b: GcdUse<Type>): boolean {
  return (
    a.type === b.type &&
    a.capabilities === b.capabilities &&
    a.attributes === b.attributes &&
    a.imageHandle === b.imageHandle &&
    a.deviceHandle === b.deviceHandle
  );
}

function describe({ type, imageHandle }: GcdUse<string>): string {
  return imageHandle === undefined ? type : `${type}, allocated by handle ${imageHandle.number}`;
}
