import type {
  DeviceAddress,
  EfiPciMapping,
  EfiPciOperation64,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import {
  EDKII_IOMMU_ACCESS_READ,
  EDKII_IOMMU_ACCESS_WRITE,
  EfiError,
  efiSizeToPages,
  isGuestBuffer,
} from '@dxelab/uefi';

const ACCESS_BOTH = EDKII_IOMMU_ACCESS_READ | EDKII_IOMMU_ACCESS_WRITE;

/** What Map hands out (MAP_INFO): shared pages at their own address, with what they stand for. */
export class IoMmuMapping implements EfiPciMapping {
  /** What the operation lets the device do; both for a common buffer. */
  readonly access: number;
  readonly host: HostBuffer;
  /** The shared pages: a bounce buffer, or the common buffer itself. */
  readonly address: PhysicalAddress;
  /** Nothing translates: a device finds shared pages where the CPU does. */
  readonly deviceAddress: DeviceAddress;
  readonly numberOfBytes: number;
  readonly pages: number;
  /** Where a common buffer's content goes while its pages change hands. */
  readonly stash: PhysicalAddress | undefined;
  /** The pages are of the reserved pool: shared before and afterwards. */
  readonly pooled: boolean;

  constructor(
    access: number,
    host: HostBuffer,
    address: PhysicalAddress,
    numberOfBytes: number,
    stash: PhysicalAddress | undefined,
    pooled: boolean,
  ) {
    this.access = access;
    this.host = host;
    const seen: number = address;
    this.address = address;
    this.deviceAddress = seen;
    this.numberOfBytes = numberOfBytes;
    this.pages = pagesFor(numberOfBytes);
    this.stash = stash;
    this.pooled = pooled;
  }

  /**
   * Whether something is lost if `host` is mapped as well: they overlap, and one of them is written by a
   * device. Two bounce buffers for reading do not disturb each other.
   */
  disturbs(host: HostBuffer, numberOfBytes: number, access: number): boolean {
    const mine = this.host;
    if (access === EDKII_IOMMU_ACCESS_READ && this.access === EDKII_IOMMU_ACCESS_READ) return false;
    if (isGuestBuffer(mine)) {
      return isGuestBuffer(host) && this.#overlaps(mine.address, host.address, numberOfBytes);
    }
    if (isGuestBuffer(host) || host.buffer !== mine.buffer) return false;
    return this.#overlaps(mine.byteOffset, host.byteOffset, numberOfBytes);
  }

  #overlaps(mine: number, other: number, length: number): boolean {
    return mine < other + length && other < mine + this.numberOfBytes;
  }
}

/** A mapping of nothing still has an address. */
export function pagesFor(numberOfBytes: number): number {
  return Math.max(1, efiSizeToPages(numberOfBytes));
}

/** The access that SetAttribute may be asked for. @throws EFI_INVALID_PARAMETER for no operation */
export function accessOf(operation: EfiPciOperation64): number {
  switch (operation) {
    case 'BusMasterRead':
    case 'BusMasterRead64':
      return EDKII_IOMMU_ACCESS_READ;
    case 'BusMasterWrite':
    case 'BusMasterWrite64':
      return EDKII_IOMMU_ACCESS_WRITE;
    case 'BusMasterCommonBuffer':
    case 'BusMasterCommonBuffer64':
      return ACCESS_BOTH;
    default:
      throw new EfiError('EFI_INVALID_PARAMETER', `${String(operation)} is no operation of Map`);
  }
}

/** Whether the operation may be given addresses above 4 GiB. */
export function isWide(operation: EfiPciOperation64): boolean {
  return (
    operation === 'BusMasterRead64' ||
    operation === 'BusMasterWrite64' ||
    operation === 'BusMasterCommonBuffer64'
  );
}
