import type { DeviceAddress, EfiPciMapping, HostBuffer, PhysicalAddress } from '@dxelab/uefi';

/** A copy of a host buffer, below 4 GiB, that the bus master gets to see in its place. */
export interface Bounce {
  readonly address: PhysicalAddress;
  readonly host: HostBuffer;
  /** Whether what the bus master wrote goes back to the host buffer. */
  readonly copyBack: boolean;
}

/** What Map hands out: one class for all kinds, so that whoever reads the address stays monomorphic. */
export class DmaMapping implements EfiPciMapping {
  readonly deviceAddress: DeviceAddress;
  readonly numberOfBytes: number;
  /** Absent when the bus master reaches the host buffer in place. */
  readonly bounce: Bounce | undefined;
  /** Until Unmap. */
  live = true;

  constructor(deviceAddress: DeviceAddress, numberOfBytes: number, bounce: Bounce | undefined) {
    this.deviceAddress = deviceAddress;
    this.numberOfBytes = numberOfBytes;
    this.bounce = bounce;
  }
}
