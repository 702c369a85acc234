import { upperHalf } from '@dxelab/platform';
import type { GuestRam } from '@dxelab/platform';
import type { DeviceAddress, PhysicalAddress } from '@dxelab/uefi';
import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { VirtioDevice, VirtioMapping } from '@dxelab/virtio';
import { VIRTIO_BLK_REQ_SIZE, VIRTIO_BLK_S_IOERR } from '@dxelab/virtio';
import { virtioMapAllBytesInSharedBuffer } from '@dxelab/virtio-lib';
import type { OpenRequest, RequestMemory } from './request-memory.ts';

/**
 * One shared page for all requests, mapped once: one request is in flight at most, so nothing has to
 * be allocated or mapped for its header and its status.
 */
export class KeptRequestMemory implements RequestMemory, OpenRequest {
  readonly header: DeviceAddress;
  readonly status: DeviceAddress;
  private readonly virtIo: VirtioDevice;
  private readonly ram: GuestRam;
  private readonly page: PhysicalAddress;
  private readonly mapping: VirtioMapping;

  /** @throws EFI_OUT_OF_RESOURCES and what MapSharedBuffer throws */
  constructor(virtIo: VirtioDevice, ram: GuestRam) {
    this.virtIo = virtIo;
    this.ram = ram;
    this.page = virtIo.allocateSharedPages(1);
    try {
      this.mapping = virtioMapAllBytesInSharedBuffer(
        virtIo,
        'VirtioOperationBusMasterCommonBuffer',
        { address: this.page, length: EFI_PAGE_SIZE },
        EFI_PAGE_SIZE,
      );
    } catch (caught) {
      virtIo.freeSharedPages(1, this.page);
      throw caught;
    }
    this.header = this.mapping.deviceAddress;
    this.status = this.mapping.deviceAddress + VIRTIO_BLK_REQ_SIZE;
  }

  open(): OpenRequest {
    return this;
  }

  openStatus(): void {
    // the page is mapped, and not this request's alone before `fill`
  }

  fill(type: number, sector: number): void {
    // struct virtio_blk_req: type u32, ioprio u32, sector u64
    this.ram.writeUint32x4(this.page, type, 0, sector, upperHalf(sector));
    this.ram.writeUint8(this.page + VIRTIO_BLK_REQ_SIZE, VIRTIO_BLK_S_IOERR);
  }

  result(): number {
    return this.ram.readUint8(this.page + VIRTIO_BLK_REQ_SIZE);
  }

  closeStatus(): void {
    // the page stays mapped for the next request
  }

  closeHeader(): void {
    // as above
  }

  free(): void {
    this.virtIo.unmapSharedBuffer(this.mapping);
    this.virtIo.freeSharedPages(1, this.page);
  }
}
