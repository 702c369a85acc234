import type { GuestRam } from '@dxelab/platform';
import type {
  DeviceAddress,
  EfiMemoryType,
  EfiPciMapping,
  EfiPciOperation64,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import { EfiError, efiSizeToPages, efiStatusOf, isGuestBuffer } from '@dxelab/uefi';
import type { PageServices } from './bounce-pages.ts';
import { BouncePages } from './bounce-pages.ts';
import type { Bounce } from './dma-mapping.ts';
import { DmaMapping } from './dma-mapping.ts';

export interface CoherentDmaOptions {
  /** The highest address that bounce buffers may have; without it any will do. */
  readonly lastBounceAddress?: PhysicalAddress;
  /** Allocates every bounce buffer anew, and frees it at Unmap. */
  readonly bounceMemoryPerMap?: boolean;
  /** Leaves in new pages for a bus-master write what the firmware had there before. */
  readonly bounceNotFilled?: boolean;
  /** Lets what needed no bounce buffer be unmapped again. */
  readonly unmapTwice?: boolean;
}

/**
 * DMA with nothing between devices and RAM (EmbeddedPkg/Library/CoherentDmaLib): a mapping is the
 * buffer's own address. What a device cannot reach, as no device reaches an array of the caller's, gets
 * a bounce buffer: filled at Map for a bus-master read, copied back at Unmap for a bus-master write.
 */
export class CoherentDma {
  private readonly bs: PageServices;
  private readonly bouncePages: BouncePages;
  private readonly ram: GuestRam;
  private readonly bounceNotFilled: boolean;
  private readonly unmapTwice: boolean;

  constructor(bs: PageServices, ram: GuestRam, options: CoherentDmaOptions = {}) {
    const { lastBounceAddress, bounceMemoryPerMap, bounceNotFilled, unmapTwice } = options;
    this.bs = bs;
    this.bouncePages = new BouncePages(bs, lastBounceAddress, bounceMemoryPerMap !== true);
    this.ram = ram;
    this.bounceNotFilled = bounceNotFilled === true;
    this.unmapTwice = unmapTwice === true;
  }

  /**
   * DmaMap.
   * @param limit one past the last address that the device reaches
   * @throws EFI_INVALID_PARAMETER for more bytes than the buffer has; EFI_UNSUPPORTED for a common
   *   buffer that would have to be bounced; EFI_OUT_OF_RESOURCES
   */
  map(
    operation: EfiPciOperation64,
    host: HostBuffer,
    numberOfBytes: number,
    limit: number = Infinity,
  ): EfiPciMapping {
    if (!(numberOfBytes >= 0 && numberOfBytes <= host.length)) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `Map of ${numberOfBytes} bytes of a buffer of ${host.length}`,
      );
    }
    if (isGuestBuffer(host) && host.address + numberOfBytes <= limit) {
      return new DmaMapping(seenByDevice(host.address), numberOfBytes, undefined);
    }
    return this.mapBounced(operation, host, numberOfBytes);
  }

  /** DmaUnmap. @throws EFI_INVALID_PARAMETER for what is not mapped */
  unmap(mapping: EfiPciMapping): void {
    if (!(mapping instanceof DmaMapping)) throw notMapped('was not made by Map');
    const bounce = mapping.bounce;
    if (!mapping.live && (bounce !== undefined || !this.unmapTwice)) {
      throw notMapped('was unmapped before');
    }
    mapping.live = false;
    if (bounce !== undefined) this.unmapBounced(mapping, bounce);
  }

  /** DmaAllocateBuffer: pages for common buffers, anywhere. @throws EFI_OUT_OF_RESOURCES */
  allocateBuffer(memoryType: EfiMemoryType, pages: number): PhysicalAddress {
    return this.bs.allocatePages('AllocateAnyPages', memoryType, pages);
  }

  /** DmaFreeBuffer */
  freeBuffer(pages: number, address: PhysicalAddress): void {
    this.bs.freePages(address, pages);
  }

  /** Frees what is kept for later mappings; more can be mapped afterwards. */
  giveBack(): void {
    this.bouncePages.giveBack();
  }

  private mapBounced(
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
    const address = this.allocateBounce(numberOfBytes);
    const copyBack = operation === 'BusMasterWrite' || operation === 'BusMasterWrite64';
    // For a write only pages that are new: what the firmware had there is for no device to see, nor for
    // Unmap to copy back. To fill the kept ones every time would cost large reads a fifth of their speed.
    const fills = !copyBack || (this.bouncePages.areNew && !this.bounceNotFilled);
    if (fills) this.copyIn(address, host, numberOfBytes);
    return new DmaMapping(seenByDevice(address), numberOfBytes, { address, host, copyBack });
  }

  private unmapBounced({ numberOfBytes }: DmaMapping, { address, host, copyBack }: Bounce): void {
    if (copyBack) this.copyOut(address, host, numberOfBytes);
    this.bouncePages.free(address, pagesFor(numberOfBytes));
  }

  private allocateBounce(numberOfBytes: number): PhysicalAddress {
    const pages = pagesFor(numberOfBytes);
    try {
      return this.bouncePages.allocate(pages);
    } catch (caught) {
      const status = efiStatusOf(caught);
      throw new EfiError(status, `no ${pages} pages to bounce ${numberOfBytes} bytes`, {
        cause: caught,
        out: { numberOfBytes: 0 },
      });
    }
  }

  private copyIn(address: PhysicalAddress, host: HostBuffer, length: number): void {
    if (isGuestBuffer(host)) this.ram.copy(address, host.address, length);
    else this.ram.writeBytes(address, firstBytes(host, length));
  }

  private copyOut(address: PhysicalAddress, host: HostBuffer, length: number): void {
    if (isGuestBuffer(host)) this.ram.copy(host.address, address, length);
    else this.ram.readBytes(address, firstBytes(host, length));
  }
}

/** With nothing in between, a device finds memory where the CPU does. */
function seenByDevice(address: PhysicalAddress): DeviceAddress {
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
