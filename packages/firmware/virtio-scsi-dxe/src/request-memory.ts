import type { DeviceAddress, EfiScsiRequestPacket, PhysicalAddress } from '@dxelab/uefi';

/** Where requests get the memory for what the device reads and writes. */
export interface RequestMemory {
  /** The memory of one request. @throws EFI_OUT_OF_RESOURCES */
  open(): OpenRequest;
  /** Gives back what is kept between requests. */
  free(): void;
}

/** The memory of one request, its data included. */
export interface OpenRequest {
  /** Valid after `map`. */
  readonly request: DeviceAddress;
  readonly response: DeviceAddress;
  /** If there are any data. */
  readonly dataIn: DeviceAddress;
  readonly dataOut: DeviceAddress;
  /** Where firmware finds the response. */
  readonly responseAt: PhysicalAddress;
  /** Writes the header: first, since the device may see what it holds at `map`. */
  fill(lun: number, id: number, cdb: Uint8Array): void;
  /**
   * Makes all of it reachable for the device, and presets the response to a failure.
   * @throws EFI_OUT_OF_RESOURCES and what MapSharedBuffer throws
   */
  map(packet: EfiScsiRequestPacket): void;
  /** Hands over the data that came in: `inTransferLength` bytes. @throws if they are lost */
  deliver(packet: EfiScsiRequestPacket): void;
  /** Gives back what `open` and `map` took. Never fails, so that it hides no failure of the request. */
  close(): void;
}
