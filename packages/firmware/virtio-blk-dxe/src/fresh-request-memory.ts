import type { GuestRam } from '@dxelab/platform';
import type { DeviceAddress, EfiBootServices, GuestBuffer, PhysicalAddress } from '@dxelab/uefi';
import { Unwind, unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice, VirtioMapping } from '@dxelab/virtio';
import { VIRTIO_BLK_REQ_SIZE, VIRTIO_BLK_S_IOERR } from '@dxelab/virtio';
import { virtioMapAllBytesInSharedBuffer } from '@dxelab/virtio-lib';
import type { RequestMemory } from './request-memory.ts';

/** What OVMF does: the header from pool and the status from a page, both mapped anew each time. */
export class FreshRequestMemory implements RequestMemory {
  header: DeviceAddress = 0;
  status: DeviceAddress = 0;
  readonly #bs: EfiBootServices;
  readonly #virtIo: VirtioDevice;
  readonly #ram: GuestRam;
  #pool: GuestBuffer = { address: 0, length: 0 };
  #page: PhysicalAddress = 0;
  #headerMapping: VirtioMapping = { deviceAddress: 0, numberOfBytes: 0 };
  #statusMapping: VirtioMapping = { deviceAddress: 0, numberOfBytes: 0 };

  constructor(bs: EfiBootServices, virtIo: VirtioDevice, ram: GuestRam) {
    this.#bs = bs;
    this.#virtIo = virtIo;
    this.#ram = ram;
  }

  openHeader(type: number, sector: number): void {
    unwinding((unwind) => {
      const pool = this.#bs.allocatePool('EfiBootServicesData', VIRTIO_BLK_REQ_SIZE);
      unwind.push(() => this.#bs.freePool(pool));
      this.#ram.writeUint32(pool.address, type);
      this.#ram.writeUint32(pool.address + 4, 0);
      this.#ram.writeUint64(pool.address + 8, sector);
      const page = this.#virtIo.allocateSharedPages(1);
      unwind.push(() => this.#virtIo.freeSharedPages(1, page));
      this.#headerMapping = virtioMapAllBytesInSharedBuffer(
        this.#virtIo,
        'VirtioOperationBusMasterRead',
        pool,
        VIRTIO_BLK_REQ_SIZE,
      );
      this.#pool = pool;
      this.#page = page;
    });
    this.header = this.#headerMapping.deviceAddress;
  }

  openStatus(): void {
    this.#ram.writeUint8(this.#page, VIRTIO_BLK_S_IOERR);
    this.#statusMapping = virtioMapAllBytesInSharedBuffer(
      this.#virtIo,
      'VirtioOperationBusMasterCommonBuffer',
      { address: this.#page, length: 1 },
      1,
    );
    this.status = this.#statusMapping.deviceAddress;
  }

  result(): number {
    return this.#ram.readUint8(this.#page);
  }

  // What cannot be given back is not a failure of the request: an Unwind goes on over it.

  closeStatus(): void {
    const unwind = new Unwind();
    unwind.push(() => this.#virtIo.unmapSharedBuffer(this.#statusMapping));
    unwind.run();
  }

  closeHeader(): void {
    const unwind = new Unwind();
    unwind.push(() => this.#bs.freePool(this.#pool));
    unwind.push(() => this.#virtIo.freeSharedPages(1, this.#page));
    unwind.push(() => this.#virtIo.unmapSharedBuffer(this.#headerMapping));
    unwind.run();
  }

  free(): void {
    // nothing is kept between requests
  }
}
