import type { AccessWidth, RegionHandler } from '@dxelab/emulated-machine';
import { VIRTIO_MMIO, VIRTIO_MMIO_MAGIC } from '@dxelab/virtio';
import type { VirtioMmioVersion } from './identity.ts';
import { VENDOR_ID } from './identity.ts';

/**
 * A slot without a device: it has the registers by which a driver finds that out, DeviceID being 0, and
 * a driver must not access any other (virtio §4.2.2, §4.2.3.1.1).
 */
export class Placeholder implements RegionHandler {
  readonly #version: VirtioMmioVersion;
  readonly #report: (message: string, offset: number) => void;

  constructor(version: VirtioMmioVersion, report: (message: string, offset: number) => void) {
    this.#version = version;
    this.#report = report;
  }

  read(offset: number, width: AccessWidth): number {
    if (width === 4) {
      switch (offset) {
        case VIRTIO_MMIO.magicValue:
          return VIRTIO_MMIO_MAGIC;
        case VIRTIO_MMIO.version:
          return this.#version;
        case VIRTIO_MMIO.deviceId:
          return 0;
        case VIRTIO_MMIO.vendorId:
          return VENDOR_ID;
        default:
      }
    }
    this.#refuse('read', offset);
    return 0;
  }

  write(offset: number): void {
    this.#refuse('written', offset);
  }

  #refuse(what: string, offset: number): void {
    const message = `the register at 0x${offset.toString(16)} of a slot without device was ${what}`;
    this.#report(message, offset);
  }
}
