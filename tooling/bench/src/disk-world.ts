import type { VirtioInput } from '@dxelab/scenario';
import type { Controller, Lab } from '@dxelab/testing';
import { createLab } from '@dxelab/testing';
import type { EfiBlockIo, GuestBuffer } from '@dxelab/uefi';
import { BlockIoProtocol, EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { BlockBackend } from '@dxelab/virtio-devices';

/** Where the first disk is: behind PCI, and in the last slot for devices on MMIO. */
const PCI_PATH = 'PciRoot(0x0)/Pci(0x2,0x0)';
const MMIO_PATH = 'VenHw(837DCA9E-E874-4D82-B29A-23FE0E23D1E2,002EB0FE00000000)';

/** A machine with one disk, whose drivers are connected. */
export class DiskWorld {
  readonly lab: Lab;
  readonly disk: Controller;
  readonly blockIo: EfiBlockIo;

  /** @param attachment default: PCI modern */
  constructor(backend: BlockBackend, attachment: VirtioInput = {}) {
    this.lab = createLab({
      // Writable: nothing is written, but an overlay would stand in between otherwise.
      devices: [{ 'virtio-blk': { ...attachment, image: backend, writable: true } }],
      budget: { virtualTime: '100000 min', accesses: Number.MAX_SAFE_INTEGER },
    });
    this.disk = this.lab.connect(attachment.transport === 'mmio' ? MMIO_PATH : PCI_PATH);
    this.blockIo = this.disk.open(BlockIoProtocol);
  }

  /** Guest memory that a bus master reaches in place. @param length in bytes, whole pages */
  guestBuffer(length: number): GuestBuffer {
    const pages = length / EFI_PAGE_SIZE;
    const address = this.lab.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', pages);
    return { address, length };
  }
}

/** Bytes without a pattern that a cache could know: all of a disk's pages are there, and differ. */
export function noise(length: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  let state = 1;
  for (let index = 0; index < words.length; index++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    words[index] = state ^ (state >>> 15);
  }
  return new Uint8Array(words.buffer);
}
