import type { GuestRam } from '@dxelab/platform';
import type {
  EdkiiIoMmu,
  EfiHandle,
  EfiMemoryType,
  EfiPciMapping,
  EfiPciOperation64,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import {
  EDKII_IOMMU_ACCESS_READ,
  EDKII_IOMMU_ACCESS_WRITE,
  EDKII_IOMMU_PROTOCOL_REVISION,
  EFI_PAGE_SIZE,
  EfiError,
  efiStatusOf,
  isEfiFailure,
  isGuestBuffer,
} from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, unwinding } from '@dxelab/uefi-lib';
import type { PageServices } from './common-buffers.ts';
import { CommonBuffers } from './common-buffers.ts';
import { accessOf, IoMmuMapping, isWide, pagesFor } from './io-mmu-mapping.ts';
import type { PageSharing } from './page-sharing.ts';
import type { IoMmuQuirks } from './quirks.ts';
import type { ReservedPool } from './reserved-pool.ts';

const FOUR_GIB = 0x1_0000_0000;

/** What the driver works with. */
export interface IoMmuParts {
  readonly bs: PageServices;
  readonly ram: GuestRam;
  readonly sharing: Pick<PageSharing, 'share' | 'makePrivate'>;
  readonly debug: Pick<DebugLib, 'debug'>;
  readonly quirks: IoMmuQuirks;
  /** Absent where pages are shared for no longer than they are mapped. */
  readonly pool?: ReservedPool | undefined;
}

/**
 * EDKII_IOMMU_PROTOCOL of a guest whose memory is private (OvmfPkg/IoMmuDxe/CcIoMmu.c). Nothing is
 * translated: a device reads and writes copies in pages that are shared for as long as the mapping lives.
 * Common buffers are shared themselves.
 */
export class IoMmu implements EdkiiIoMmu {
  readonly revision: number = EDKII_IOMMU_PROTOCOL_REVISION;
  readonly #parts: IoMmuParts;
  readonly #buffers: CommonBuffers;
  readonly #live = new Set<IoMmuMapping>();

  constructor(parts: IoMmuParts) {
    this.#parts = parts;
    this.#buffers = new CommonBuffers(parts.bs, parts.pool);
  }

  /** IoMmuSetAttribute: there is nothing to programme, but a caller that mixes things up is told. */
  setAttribute(_deviceHandle: EfiHandle, mapping: EfiPciMapping, ioMmuAccess: number): void {
    const { access } = this.#require(mapping);
    if (ioMmuAccess === 0 || ioMmuAccess === access) return;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `access ${ioMmuAccess} to what was mapped for access ${access}`,
    );
  }

  /** IoMmuMap. What it throws carries the number of bytes that were mapped: 0. */
  map(operation: EfiPciOperation64, host: HostBuffer, numberOfBytes: number): EfiPciMapping {
    try {
      const access = accessOf(operation);
      if (!(numberOfBytes >= 0 && numberOfBytes <= host.length)) {
        const message = `Map of ${numberOfBytes} bytes of a buffer of ${host.length}`;
        throw new EfiError('EFI_INVALID_PARAMETER', message);
      }
      this.#lookForOverlaps(host, numberOfBytes, access);
      const limit = isWide(operation) ? Infinity : FOUR_GIB;
      const mapping = isCommon(access)
        ? this.#mapInPlace(host, numberOfBytes, limit)
        : this.#mapBounced(access, host, numberOfBytes, limit);
      this.#live.add(mapping);
      return mapping;
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      const out = { numberOfBytes: 0 };
      throw new EfiError(efiStatusOf(caught), caught.message, { cause: caught, out });
    }
  }

  /** IoMmuUnmap */
  unmap(mapping: EfiPciMapping): void {
    const mine = this.#require(mapping);
    this.#takeBack(mine);
    if (mine.stash !== undefined) return;
    if (mine.pooled) this.#parts.pool?.free(mine.address);
    else this.#parts.bs.freePages(mine.address, mine.pages);
  }

  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress {
    return this.#buffers.allocate(memoryType, pages, attributes);
  }

  freeBuffer(pages: number, address: PhysicalAddress): void {
    if (!this.#parts.quirks.freedWhileMapped && this.#isMapped(address)) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `FreeBuffer of 0x${address.toString(16)}, which is still mapped`,
      );
    }
    this.#buffers.free(pages, address);
  }

  /**
   * IoMmuUnmapAllMappings: makes private what is still mapped, and leaves the memory map as it is: boot
   * services are about to end.
   */
  unmapAll(): void {
    for (const mapping of this.#live) this.#takeBack(mapping);
    this.#parts.pool?.makePrivate();
  }

  #mapBounced(
    access: number,
    host: HostBuffer,
    numberOfBytes: number,
    limit: number,
  ): IoMmuMapping {
    const { bs, ram, sharing, quirks, pool } = this.#parts;
    const pages = pagesFor(numberOfBytes);
    return unwinding((unwind) => {
      const slot = pool?.allocate(pages);
      const address = slot ?? allocateBounce(bs, pages, limit);
      if (slot === undefined) {
        unwind.push(() => bs.freePages(address, pages));
        sharing.share(address, pages);
      }
      // Whatever a device does not write goes back to the host buffer as well: it must come from there.
      if (access === EDKII_IOMMU_ACCESS_READ || !quirks.bounceNotFilled) {
        if (isGuestBuffer(host)) ram.copy(address, host.address, numberOfBytes);
        else ram.writeBytes(address, host.subarray(0, numberOfBytes));
      }
      return new IoMmuMapping(access, host, address, numberOfBytes, undefined, slot !== undefined);
    });
  }

  #mapInPlace(host: HostBuffer, numberOfBytes: number, limit: number): IoMmuMapping {
    if (!isGuestBuffer(host) || host.address + numberOfBytes > limit) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        'a common buffer cannot be bounced: it must be guest memory that the device can reach',
      );
    }
    const buffer = this.#buffers.at(host.address);
    if (buffer === undefined || buffer.pages < pagesFor(numberOfBytes)) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `${numberOfBytes} bytes at 0x${host.address.toString(16)} are not of AllocateBuffer`,
      );
    }
    const both = EDKII_IOMMU_ACCESS_READ | EDKII_IOMMU_ACCESS_WRITE;
    const { stash, pooled } = buffer;
    const mapping = new IoMmuMapping(both, host, host.address, numberOfBytes, stash, pooled);
    if (pooled) return mapping;
    const { address, pages } = mapping;
    const { ram, sharing } = this.#parts;
    ram.copy(stash, address, pages * EFI_PAGE_SIZE);
    sharing.share(address, pages);
    ram.copy(address, stash, pages * EFI_PAGE_SIZE);
    return mapping;
  }

  /**
   * What the device wrote goes where it belongs, and its pages are private again, and empty before that. Those
   * of the pool stay shared, a common buffer with what is in it.
   */
  #takeBack(mapping: IoMmuMapping): void {
    this.#live.delete(mapping);
    const { ram, sharing } = this.#parts;
    const { access, host, address, numberOfBytes, pages, stash, pooled } = mapping;
    if (pooled && stash !== undefined) return;
    const length = pages * EFI_PAGE_SIZE;
    if (stash !== undefined) ram.copy(stash, address, length);
    else if (access === EDKII_IOMMU_ACCESS_WRITE) {
      if (isGuestBuffer(host)) ram.copy(host.address, address, numberOfBytes);
      else ram.readBytes(address, host.subarray(0, numberOfBytes));
    }
    ram.fill(address, length, 0);
    if (pooled) return;
    sharing.makePrivate(address, pages);
    if (stash !== undefined) ram.copy(address, stash, length);
  }

  /** @throws EFI_UNSUPPORTED for a second mapping in place: the first Unmap would end both */
  #lookForOverlaps(host: HostBuffer, numberOfBytes: number, access: number): void {
    for (const mine of this.#live) {
      if (!mine.disturbs(host, numberOfBytes, access)) continue;
      const message = `Map of ${numberOfBytes} bytes that overlap a live mapping, of ${mine.numberOfBytes} bytes for 0x${mine.address.toString(16)}`;
      this.#parts.debug.debug(DEBUG_ERROR, message);
      const bothInPlace = isCommon(access) && mine.stash !== undefined;
      if (bothInPlace && !this.#parts.quirks.overlapsMapped) {
        throw new EfiError('EFI_UNSUPPORTED', message);
      }
    }
  }

  #isMapped(address: PhysicalAddress): boolean {
    for (const mapping of this.#live) {
      if (mapping.address === address) return true;
    }
    return false;
  }

  #require(mapping: EfiPciMapping): IoMmuMapping {
    if (mapping instanceof IoMmuMapping && this.#live.has(mapping)) return mapping;
    throw new EfiError('EFI_INVALID_PARAMETER', 'this mapping is not mapped, or no more');
  }
}

function allocateBounce(bs: PageServices, pages: number, limit: number): PhysicalAddress {
  return limit === Infinity
    ? bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', pages)
    : bs.allocatePages('AllocateMaxAddress', 'EfiBootServicesData', pages, limit - 1);
}

function isCommon(access: number): boolean {
  return access === (EDKII_IOMMU_ACCESS_READ | EDKII_IOMMU_ACCESS_WRITE);
}
