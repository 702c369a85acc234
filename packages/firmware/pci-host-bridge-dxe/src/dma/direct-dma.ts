import type { GuestRam } from '@dxelab/platform';
import type {
  DeviceAddress,
  EfiMemoryType,
  EfiPciMapping,
  EfiPciOperation64,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import {
  EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_ATTRIBUTE_MEMORY_CACHED,
  EFI_PCI_ATTRIBUTE_MEMORY_WRITE_COMBINE,
  EfiError,
  efiSizeToPages,
  efiStatusOf,
  isGuestBuffer,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { PageServices } from './bounce-pages.ts';
import { BouncePages, LAST_32_BIT_ADDRESS } from './bounce-pages.ts';
import type { Bounce } from './dma-mapping.ts';
import { DmaMapping } from './dma-mapping.ts';
import type { RootBridgeDma } from './root-bridge-dma.ts';

const FOUR_GIB = 0x1_0000_0000;

const ALLOCATE_BUFFER_ATTRIBUTES =
  EFI_PCI_ATTRIBUTE_MEMORY_WRITE_COMBINE |
  EFI_PCI_ATTRIBUTE_MEMORY_CACHED |
  EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE;

/**
 * DMA with nothing between bus masters and RAM (PciRootBridgeIo.c: RootBridgeIoMap and following,
 * without an IOMMU): a mapping is the buffer's own address, unless the bus master cannot reach it.
 * Then it is a bounce buffer below 4 GiB: filled at Map for a bus-master read, copied back at Unmap for
 * a bus-master write.
 */
export class DirectDma implements RootBridgeDma {
  readonly #bs: PageServices;
  readonly #bouncePages: BouncePages;
  readonly #ram: GuestRam;
  /** One past the last address that a 64-bit operation may be given. */
  readonly #wideLimit: number;
  readonly #bounceNotFilled: boolean;
  readonly #unmapTwice: boolean;

  /** @param dmaAbove4G whether 64-bit operations may go above 4 GiB */
  constructor(bs: PageServices, ram: GuestRam, dmaAbove4G: boolean, quirks: Quirks) {
    this.#bs = bs;
    this.#bouncePages = new BouncePages(bs, !quirks.has('PciHostBridgeDxe.BounceMemoryPerMap'));
    this.#ram = ram;
    this.#wideLimit = dmaAbove4G ? Infinity : FOUR_GIB;
    this.#bounceNotFilled = quirks.has('PciHostBridgeDxe.BounceNotFilled');
    this.#unmapTwice = quirks.has('PciHostBridgeDxe.UnmapTwice');
  }

  map(operation: EfiPciOperation64, host: HostBuffer, numberOfBytes: number): EfiPciMapping {
    const limit = this.#limit(operation);
    if (!(numberOfBytes >= 0 && numberOfBytes <= host.length)) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `Map of ${numberOfBytes} bytes of a buffer of ${host.length}`,
      );
    }
    if (isGuestBuffer(host) && host.address + numberOfBytes <= limit) {
      return new DmaMapping(seenByBusMaster(host.address), numberOfBytes, undefined);
    }
    return this.#mapBounced(operation, host, numberOfBytes);
  }

  unmap(mapping: EfiPciMapping): void {
    if (!(mapping instanceof DmaMapping)) throw notMapped('was not made by Map');
    const bounce = mapping.bounce;
    if (!mapping.live && (bounce !== undefined || !this.#unmapTwice)) {
      throw notMapped('was unmapped before');
    }
    mapping.live = false;
    if (bounce !== undefined) this.#unmapBounced(mapping, bounce);
  }

  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress {
    if ((attributes & ~ALLOCATE_BUFFER_ATTRIBUTES) !== 0) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `AllocateBuffer knows attributes 0x${ALLOCATE_BUFFER_ATTRIBUTES.toString(16)}, ` +
          `not 0x${attributes.toString(16)}`,
      );
    }
    if (memoryType !== 'EfiBootServicesData' && memoryType !== 'EfiRuntimeServicesData') {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `bus masters get EfiBootServicesData or EfiRuntimeServicesData, not ${memoryType}`,
      );
    }
    if (this.#wideLimit > FOUR_GIB && (attributes & EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE) !== 0) {
      return this.#bs.allocatePages('AllocateAnyPages', memoryType, pages);
    }
    return this.#bs.allocatePages('AllocateMaxAddress', memoryType, pages, LAST_32_BIT_ADDRESS);
  }

  freeBuffer(pages: number, address: PhysicalAddress): void {
    this.#bs.freePages(address, pages);
  }

  /** One past the last address that the operation may be given. */
  #limit(operation: EfiPciOperation64): number {
    switch (operation) {
      case 'BusMasterRead':
      case 'BusMasterWrite':
      case 'BusMasterCommonBuffer':
        return FOUR_GIB;
      case 'BusMasterRead64':
      case 'BusMasterWrite64':
      case 'BusMasterCommonBuffer64':
        return this.#wideLimit;
      default:
        throw new EfiError('EFI_INVALID_PARAMETER', `${String(operation)} is no operation of Map`);
    }
  }

  #mapBounced(
    operation: EfiPciOperation64,
    host: HostBuffer,
    numberOfBytes: number,
  ): EfiPciMapping {
    if (operation === 'BusMasterCommonBuffer' || operation === 'BusMasterCommonBuffer64') {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        'a common buffer cannot be bounced: it must be guest memory that the bus master can reach',
      );
    }
    const address = this.#allocateBounce(numberOfBytes);
    const copyBack = operation === 'BusMasterWrite' || operation === 'BusMasterWrite64';
    // Filled for a write too: a device may write less than was mapped, and Unmap copies all of it back.
    if (!copyBack || !this.#bounceNotFilled) this.#copyIn(address, host, numberOfBytes);
    return new DmaMapping(seenByBusMaster(address), numberOfBytes, { address, host, copyBack });
  }

  #unmapBounced({ numberOfBytes }: DmaMapping, { address, host, copyBack }: Bounce): void {
    if (copyBack) this.#copyOut(address, host, numberOfBytes);
    this.#bouncePages.free(address, pagesFor(numberOfBytes));
  }

  #allocateBounce(numberOfBytes: number): PhysicalAddress {
    const pages = pagesFor(numberOfBytes);
    try {
      return this.#bouncePages.allocate(pages);
    } catch (caught) {
      const status = efiStatusOf(caught);
      throw new EfiError(status, `no ${pages} pages below 4 GiB to bounce ${numberOfBytes} bytes`, {
        cause: caught,
        out: { numberOfBytes: 0 },
      });
    }
  }

  #copyIn(address: PhysicalAddress, host: HostBuffer, length: number): void {
    if (isGuestBuffer(host)) this.#ram.copy(address, host.address, length);
    else this.#ram.writeBytes(address, firstBytes(host, length));
  }

  #copyOut(address: PhysicalAddress, host: HostBuffer, length: number): void {
    if (isGuestBuffer(host)) this.#ram.copy(host.address, address, length);
    else this.#ram.readBytes(address, firstBytes(host, length));
  }
}

/** With nothing in between, a bus master finds memory where the CPU does. */
function seenByBusMaster(address: PhysicalAddress): DeviceAddress {
  const number: number = address;
  return number;
}

/** A mapping of nothing still has an address. */
function pagesFor(numberOfBytes: number): number {
  return Math.max(1, efiSizeToPages(numberOfBytes));
}

function firstBytes(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}

function notMapped(what: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', `this mapping ${what}`);
}
