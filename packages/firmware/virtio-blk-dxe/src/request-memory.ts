import type { DeviceAddress } from '@dxelab/uefi';

/**
 * The memory of a request beside its data: the header, which the device reads, and the status byte,
 * which the device writes. Opened around the mapping of the data, and closed in reverse.
 */
export interface RequestMemory {
  readonly header: DeviceAddress;
  readonly status: DeviceAddress;
  /**
   * Writes the header.
   * @param sector in units of 512 bytes
   * @throws EFI_OUT_OF_RESOURCES and what MapSharedBuffer throws
   */
  openHeader(type: number, sector: number): void;
  /** Presets the status to a failure. @throws as `openHeader` */
  openStatus(): void;
  /** What the device wrote into the status byte. */
  result(): number;
  /** Never fails, so that it hides no failure of the request; so does `closeHeader`. */
  closeStatus(): void;
  closeHeader(): void;
  /** Gives back what is kept between requests. */
  free(): void;
}
