import type { PhysicalAddress } from '@dxelab/uefi';
import type { FirmwareFinding } from '../core/firmware-finding.ts';
import type { CallSite } from '../misc/call-site.ts';
import { callSites } from '../misc/call-site.ts';
import { GuardedBlocks } from './guarded-blocks.ts';
import type { GuardedBlock, Origin } from './guarded-blocks.ts';

/** Frames of the core's own, which are nobody's allocation. */
const OWN_CODE = /dxe-core\/(?:src|dist)\//;

/** What may be where no allocation is known: it decides between a mistake and memory of the platform's. */
export type MemoryUse = 'free' | 'pool' | 'other';

/**
 * Watches guest memory on behalf of drivers: use after free, overflow, double free, and accesses to
 * what nobody has allocated are findings that name the allocation and who made it. The accesses go on,
 * as on a machine. MdeModulePkg/Core/Dxe/Mem/HeapGuard.c, which needs page tables for it.
 */
export class MemoryGuard {
  readonly #blocks = new GuardedBlocks();
  readonly #useOf: (address: PhysicalAddress) => MemoryUse;
  readonly #onFinding: (finding: FirmwareFinding) => void;

  /** @param useOf what the page of an address is used for */
  constructor(
    useOf: (address: PhysicalAddress) => MemoryUse,
    onFinding: (finding: FirmwareFinding) => void,
  ) {
    this.#useOf = useOf;
    this.#onFinding = onFinding;
  }

  /** Remembers an allocation. @param length in bytes, as it was asked for */
  allocated(image: string, address: PhysicalAddress, length: number): void {
    this.#blocks.add({ address, length, allocated: originOf(image), freed: undefined });
  }

  /** Remembers that a range is free again. */
  freed(image: string, address: PhysicalAddress, length: number): void {
    this.#blocks.free(address, length, originOf(image));
  }

  /** The allocation that begins here and is free already: to free it again is a mistake. */
  doubleFree(image: string, address: PhysicalAddress): boolean {
    const block = this.#blocks.at(address);
    if (block?.address !== address || block.freed === undefined) return false;
    this.#report('memory double-free', image, 'freed', address, 0, block);
    return true;
  }

  /** @param access `read` or `wrote` */
  check(image: string, access: 'read' | 'wrote', address: PhysicalAddress, length: number): void {
    const block = this.#blocks.at(address);
    if (block === undefined) this.#checkUnknown(image, access, address, length);
    else if (block.freed !== undefined) {
      this.#report('memory use-after-free', image, access, address, length, block);
    } else if (address + length > block.address + block.length) {
      this.#report('memory overflow', image, access, address, length, block);
    }
  }

  #checkUnknown(image: string, access: string, address: PhysicalAddress, length: number): void {
    const use = this.#useOf(address);
    if (use === 'other') return;
    // Behind a block of the pool there is nothing but its neighbours.
    const before = use === 'pool' ? this.#blocks.before(address) : undefined;
    if (before === undefined) {
      this.#report('memory wild-access', image, access, address, length, undefined);
    } else {
      const rule = before.freed === undefined ? 'memory overflow' : 'memory use-after-free';
      this.#report(rule, image, access, address, length, before);
    }
  }

  #report(
    rule: string,
    image: string,
    access: string,
    address: PhysicalAddress,
    length: number,
    block: GuardedBlock | undefined,
  ): void {
    const what = length === 0 ? '' : ` ${length} bytes`;
    const message = `${image} ${access}${what} at 0x${address.toString(16)}: ${describe(address, block)}`;
    this.#onFinding({ rule, image, message, fields: { address, length } });
  }
}

function describe(address: PhysicalAddress, block: GuardedBlock | undefined): string {
  if (block === undefined) return 'nobody has allocated it';
  const { length, allocated, freed } = block;
  const place = `byte ${address - block.address} of ${length} bytes, allocated by ${text(allocated)}`;
  return freed === undefined ? place : `${place}, freed by ${text(freed)}`;
}

function text({ image, site }: Origin): string {
  return site === undefined ? image : `${image} at ${site.file}:${site.line}`;
}

/** Who calls, and from which line that is not the core's. */
function originOf(image: string): Origin {
  const sites: readonly CallSite[] = callSites(new Error('for its stack').stack ?? '');
  return { image, site: sites.find(({ file }) => !OWN_CODE.test(file)) };
}
