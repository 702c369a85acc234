import { defineProtocol, EFI_PAGE_SIZE, guid } from '@dxelab/uefi';
import type { EfiBootServices, PhysicalAddress } from '@dxelab/uefi';
import type { DxeModule, ModuleLibraries } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_BLK_REQ_SIZE,
  VIRTIO_BLK_S_IOERR,
  VIRTIO_BLK_SECTOR_SIZE,
  VIRTIO_SUBSYSTEM_BLOCK_DEVICE,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
} from '@dxelab/virtio';
import type { VirtioProduct, VirtioSetup } from '@dxelab/virtio-lib';
import {
  virtioAppendDesc,
  virtioFlush,
  virtioInit,
  virtioInstallDriver,
  virtioPrepare,
  virtioUninit,
} from '@dxelab/virtio-lib';

/** What the driver installs: the first sector of its disk. */
export interface FirstSector {
  /** Where the sector is read to. */
  readonly buffer: PhysicalAddress;
  /** @returns the status byte of the request: 0 if the device has answered it. @throws what VirtioFlush throws */
  read(): number;
}

export const FirstSectorProtocol = defineProtocol<FirstSector>(
  'FirstSector',
  '6a1c2f0e-51b3-4c7d-9d0a-2f4f3b8c7e11',
);

const QUEUE = 0;
/** In its page: the header, the status byte, and the sector. */
const STATUS = VIRTIO_BLK_REQ_SIZE;
const DATA = 512;

/**
 * A driver as one might write it on a machine without an IOMMU. The ring is VirtioLib's, so that it is
 * mapped; but the page of the request is handed to the device by its address as the CPU sees it.
 */
class CarelessDisk implements FirstSector, VirtioProduct {
  readonly buffer: PhysicalAddress;
  readonly #virtIo: VirtioDevice;
  readonly #bs: EfiBootServices;
  readonly #libraries: ModuleLibraries;
  readonly #setup: VirtioSetup;
  readonly #page: PhysicalAddress;

  constructor(virtIo: VirtioDevice, bs: EfiBootServices, libraries: ModuleLibraries) {
    this.#virtIo = virtIo;
    this.#bs = bs;
    this.#libraries = libraries;
    const queue = { queue: QUEUE, minimumQueueSize: 3 };
    this.#setup = virtioInit(virtIo, bs, libraries, { choose: () => 0n, ...queue });
    this.#page = bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    this.buffer = this.#page + DATA;
  }

  read(): number {
    const { ram } = this.#libraries;
    // All zeros: a read of sector 0.
    ram.fill(this.#page, EFI_PAGE_SIZE, 0);
    ram.writeUint8(this.#page + STATUS, VIRTIO_BLK_S_IOERR);
    const { ring } = this.#setup;
    const indices = virtioPrepare(ring);
    // What is missing here is MapSharedBuffer.
    const page: number = this.#page;
    virtioAppendDesc(ring, page, VIRTIO_BLK_REQ_SIZE, VRING_DESC_F_NEXT, indices);
    const flags = VRING_DESC_F_NEXT | VRING_DESC_F_WRITE;
    virtioAppendDesc(ring, page + DATA, VIRTIO_BLK_SECTOR_SIZE, flags, indices);
    virtioAppendDesc(ring, page + STATUS, 1, VRING_DESC_F_WRITE, indices);
    virtioFlush(this.#virtIo, QUEUE, ring, indices);
    return ram.readUint8(this.#page + STATUS);
  }

  exitBoot(): void {
    this.#virtIo.setDeviceStatus(0);
  }

  uninit(): void {
    virtioUninit(this.#virtIo, this.#setup);
    this.#bs.freePages(this.#page, 1);
  }
}

/** A virtio disk's driver that skips Map. */
export const carelessDxe: DxeModule = {
  name: 'CarelessDxe',
  fileGuid: guid('6a1c2f0e-51b3-4c7d-9d0a-2f4f3b8c7e12'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, libraries) {
    virtioInstallDriver(imageHandle, bootServices, {
      driverName: 'Careless Driver',
      subSystemDeviceId: VIRTIO_SUBSYSTEM_BLOCK_DEVICE,
      protocol: FirstSectorProtocol,
      init: (virtIo) => new CarelessDisk(virtIo, bootServices, libraries),
    });
  },
};
