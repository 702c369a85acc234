import type { EfiGcdMemoryType, PhysicalAddress } from '@dxelab/uefi';
import {
  EFI_GCD_MEMORY_TYPES,
  EFI_MEMORY_RO,
  EFI_MEMORY_RP,
  EFI_MEMORY_RUNTIME,
  EFI_MEMORY_UC,
  EFI_MEMORY_UCE,
  EFI_MEMORY_WB,
  EFI_MEMORY_WC,
  EFI_MEMORY_WP,
  EFI_MEMORY_WT,
  EFI_MEMORY_XP,
  EFI_PAGE_SIZE,
  EfiError,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { GcdUse } from './gcd-space.ts';
import { GcdSpace } from './gcd-space.ts';

/** How memory is cached; of several the processor takes the first. */
const CACHE_ATTRIBUTES = [
  EFI_MEMORY_UC,
  EFI_MEMORY_WC,
  EFI_MEMORY_WT,
  EFI_MEMORY_WB,
  EFI_MEMORY_UCE,
  EFI_MEMORY_WP,
];
/** What page tables forbid. */
export const ACCESS_ATTRIBUTES: bigint = EFI_MEMORY_RP | EFI_MEMORY_XP | EFI_MEMORY_RO;
/** What is the processor's business, and not only written down. */
const PROCESSOR_ATTRIBUTES = CACHE_ATTRIBUTES.reduce((all, one) => all | one, ACCESS_ATTRIBUTES);

/** Whether AllocatePages gives away memory of a type. */
export function isSystemMemory(type: EfiGcdMemoryType): boolean {
  return type === 'EfiGcdMemoryTypeSystemMemory' || type === 'EfiGcdMemoryTypeMoreReliable';
}

/** The memory space of the Global Coherency Domain with its attributes, without its lock. Gcd.c. */
export class MemorySpace extends GcdSpace<EfiGcdMemoryType> {
  readonly #accumulates: boolean;

  /** @param bits how many address lines the processor has */
  constructor(bits: number, quirks: Quirks) {
    const losesLast = quirks.has('DxeCore.GcdTopDownLosesLast');
    super('Memory', bits, EFI_GCD_MEMORY_TYPES, 'EfiGcdMemoryTypeNonExistent', losesLast);
    this.#accumulates = quirks.has('DxeCore.GcdAttributesAccumulate');
  }

  /** Whatever is added may be needed at runtime. */
  override add(
    type: EfiGcdMemoryType,
    base: PhysicalAddress,
    length: number,
    capabilities: bigint,
  ): void {
    super.add(type, base, length, capabilities | EFI_MEMORY_RUNTIME);
  }

  /**
   * @param hasProcessor throws EFI_NOT_AVAILABLE_YET if there is none to ask
   * @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED
   */
  setAttributes(
    base: PhysicalAddress,
    length: number,
    attributes: bigint,
    hasProcessor: () => void,
  ): void {
    const service = 'SetMemorySpaceAttributes';
    const forProcessor = processorAttributes(attributes);
    let accumulated = attributes;
    this.change(service, base, length, {
      refuse: ({ capabilities }) => {
        if ((attributes & EFI_MEMORY_RUNTIME) !== 0n && !isWholePages(base, length)) {
          return noWholePages(service, base, length);
        }
        const missing = attributes & ~capabilities;
        if (missing === 0n) return undefined;
        return unsupported(`${service}: some of it cannot be 0x${missing.toString(16)}`);
      },
      prepare: () => {
        if (forProcessor === 0n) return;
        hasProcessor();
        checkProcessorCan(base, length, forProcessor);
      },
      change: (use) => {
        const keeps = forProcessor === 0n && attributes !== 0n;
        const kept = keeps ? use.attributes & PROCESSOR_ATTRIBUTES : 0n;
        accumulated |= kept;
        return { ...use, attributes: this.#accumulates ? accumulated : attributes | kept };
      },
    });
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED */
  setCapabilities(base: PhysicalAddress, length: number, capabilities: bigint): void {
    const service = 'SetMemorySpaceCapabilities';
    this.change(service, base, length, {
      refuse: ({ attributes }: GcdUse<EfiGcdMemoryType>) => {
        if (!isWholePages(base, length)) return noWholePages(service, base, length);
        const inUse = attributes & ~capabilities;
        if (inUse === 0n) return undefined;
        return unsupported(`${service}: some of it is 0x${inUse.toString(16)} now`);
      },
      change: (use) => ({ ...use, capabilities }),
    });
  }
}

/** ConverToCpuArchAttributes. */
function processorAttributes(attributes: bigint): bigint {
  const cached = CACHE_ATTRIBUTES.find((one) => (attributes & one) !== 0n) ?? 0n;
  return (attributes & ACCESS_ATTRIBUTES) | cached;
}

/**
 * What EFI_CPU_ARCH_PROTOCOL.SetMemoryAttributes refuses (PI Vol. 2 §12.3.6). How memory is cached makes no
 * difference here; forbidding an access would, and there are no page tables to do it with.
 */
function checkProcessorCan(base: number, length: number, attributes: bigint): void {
  if ((attributes & ACCESS_ATTRIBUTES) !== 0n) {
    throw unsupported('this processor has no page tables that could forbid an access');
  }
  if (attributes === EFI_MEMORY_UCE) {
    throw new EfiError('EFI_INVALID_PARAMETER', 'this processor does not know EFI_MEMORY_UCE');
  }
  if (!isWholePages(base, length)) {
    throw unsupported('this processor caches all of a page in the same way');
  }
}

function isWholePages(base: number, length: number): boolean {
  return base % EFI_PAGE_SIZE === 0 && length % EFI_PAGE_SIZE === 0;
}

function noWholePages(service: string, base: number, length: number): EfiError {
  return new EfiError(
    'EFI_INVALID_PARAMETER',
    `${service}: 0x${length.toString(16)} bytes from 0x${base.toString(16)} are not whole pages`,
  );
}

function unsupported(message: string): EfiError {
  return new EfiError('EFI_UNSUPPORTED', message);
}
