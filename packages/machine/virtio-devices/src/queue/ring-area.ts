import type { Dma } from '@dxelab/emulated-machine';
import type { DeviceAddress } from '@dxelab/uefi';

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/**
 * A part of a queue in guest memory that is read and written field by field. It is located once for
 * many accesses; nothing is allocated as long as it stays where it is.
 */
export class RingArea {
  /** Holds the area from `offset` on; of use only after `locate`. */
  view: DataView = NO_VIEW;
  offset = 0;
  private bytes: Uint8Array = NO_BYTES;

  /** Finds `length` bytes at `address`. @returns false if the device may not reach all of them */
  locate(dma: Dma, address: DeviceAddress, length: number): boolean {
    const bytes = dma.locate(address, length);
    if (bytes === undefined) return false;
    this.offset = dma.offset;
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return true;
  }
}
