import type { EfiDxeServices, PhysicalAddress } from '@dxelab/uefi';
import type { ImageCaller } from '../image/image-caller.ts';

/** The table of DXE services among the configuration tables: each image gets a face of its own. */
export class DxeServicesTable {
  /** Where it stands in guest memory, as bytes. */
  readonly address: PhysicalAddress;
  readonly faceOf: (caller: ImageCaller) => EfiDxeServices;

  constructor(address: PhysicalAddress, faceOf: (caller: ImageCaller) => EfiDxeServices) {
    this.address = address;
    this.faceOf = faceOf;
  }
}
