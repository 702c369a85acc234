import type { DeviceAddress } from '@dxelab/uefi';

/**
 * Where requests get the memory for their header, which the device reads, and their status byte, which
 * it writes. Requests nest: while one is being prepared, a notification at TPL_CALLBACK may make another.
 */
export interface RequestMemory {
  /**
   * The memory of one request.
   * @param sector in units of 512 bytes
   * @throws EFI_OUT_OF_RESOURCES and what MapSharedBuffer throws
   */
  open(type: number, sector: number): OpenRequest;
  /** Gives back what is kept between requests. */
  free(): void;
}

/** The memory of one request beside its data, opened around the mapping of that, and closed in reverse. */
export interface OpenRequest {
  readonly header: DeviceAddress;
  readonly status: DeviceAddress;
  /** Presets the status to a failure. @throws as `open` */
  openStatus(): void;
  /** Writes what all requests share. Called at TPL_NOTIFY, when no other one can come between. */
  fill(type: number, sector: number): void;
  /** What the device wrote into the status byte. */
  result(): number;
  /** Never fails, so that it hides no failure of the request; so does `closeHeader`. */
  closeStatus(): void;
  closeHeader(): void;
}
