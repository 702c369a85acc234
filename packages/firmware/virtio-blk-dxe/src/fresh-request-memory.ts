import type { GuestRam } from '@dxelab/platform';
import type { DeviceAddress, EfiBootServices, GuestBuffer, PhysicalAddress } from '@dxelab/uefi';
import { Unwind, unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice, VirtioMapping } from '@dxelab/virtio';
import { VIRTIO_BLK_REQ_SIZE, VIRTIO_BLK_S_IOERR } from '@dxelab/virtio';
import { virtioMapAllBytesInSharedBuffer } from '@dxelab/virtio-lib';
import type { OpenRequest, RequestMemory } from './request-memory.ts';

/** What OVMF does: the header from pool and the status from a page, both mapped anew each time. */
export class FreshRequestMemory implements RequestMemory {
  readonly #bs: EfiBootServices;
  readonly #virtIo: VirtioDevice;
  readonly #ram: GuestRam;

  constructor(bs: EfiBootServices, virtIo: VirtioDevice, ram: GuestRam) {
    this.#bs = bs;
    this.#virtIo = virtIo;
    this.#ram = ram;
  }

  open(type: number, sector: number): OpenRequest {
    return unwinding((unwind) => {
      const pool = this.#bs.allocatePool('EfiBootServicesData', VIRTIO_BLK_REQ_SIZE);
      unwind.push(() => this.#bs.freePool(pool));
      this.#ram.writeUint32(pool.address, type);
      this.#ram.writeUint32(pool.address + 4, 0);
      this.#ram.writeUint64(pool.address + 8, sector);
      const page = this.#virtIo.allocateSharedPages(1);
      unwind.push(() => this.#virtIo.freeSharedPages(1, page));
      const mapping = virtioMapAllBytesInSharedBuffer(
        this.#virtIo,
        'VirtioOperationBusMasterRead',
        pool,
        VIRTIO_BLK_REQ_SIZE,
      );
      return new FreshRequest(this.#bs, this.#virtIo, this.#ram, { pool, page, mapping });
    });
  }

  free(): void {
    // nothing is kept between requests
  }
}

interface FreshHeader {
  readonly pool: GuestBuffer;
  readonly mapping: VirtioMapping;
  /** The status byte's. */
  readonly page: PhysicalAddress;
}

class FreshRequest implements OpenRequest {
  readonly header: DeviceAddress;
  status: DeviceAddress = 0;
  readonly #bs: EfiBootServices;
  readonly #virtIo: VirtioDevice;
  readonly #ram: GuestRam;
  readonly #fresh: FreshHeader;
  #statusMapping: VirtioMapping = { deviceAddress: 0, numberOfBytes: 0 };

  constructor(bs: EfiBootServices, virtIo: VirtioDevice, ram: GuestRam, fresh: FreshHeader) {
    this.#bs = bs;
    this.#virtIo = virtIo;
    this.#ram = ram;
    this.#fresh = fresh;
    this.header = fresh.mapping.deviceAddress;
  }

  openStatus(): void {
    const { page } = this.#fresh;
    this.#ram.writeUint8(page, VIRTIO_BLK_S_IOERR);
    this.#statusMapping = virtioMapAllBytesInSharedBuffer(
      this.#virtIo,
      'VirtioOperationBusMasterCommonBuffer',
      { address: page, length: 1 },
      1,
    );
    this.status = this.#statusMapping.deviceAddress;
  }

  fill(): void {
    // all of it is this request's own, and written already
  }

  result(): number {
    return this.#ram.readUint8(this.#fresh.page);
  }

  // What cannot be given back is not a failure of the request: an Unwind goes on over it.

  closeStatus(): void {
    const unwind = new Unwind();
    unwind.push(() => this.#virtIo.unmapSharedBuffer(this.#statusMapping));
    unwind.run();
  }

  closeHeader(): void {
    const { pool, page, mapping } = this.#fresh;
    const unwind = new Unwind();
    unwind.push(() => this.#bs.freePool(pool));
    unwind.push(() => this.#virtIo.freeSharedPages(1, page));
    unwind.push(() => this.#virtIo.unmapSharedBuffer(mapping));
    unwind.run();
  }
}
