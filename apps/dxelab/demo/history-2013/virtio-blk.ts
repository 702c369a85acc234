import type { EfiBlockIo, EfiBlockIoMedia, EfiBootServices, HostBuffer } from '@dxelab/uefi';
import { EFI_BLOCK_IO_PROTOCOL_REVISION, EFI_PAGE_SIZE, EfiError, TPL_NOTIFY } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import type { VirtioDevice, VirtioMapping } from '@dxelab/virtio';
import {
  VIRTIO_BLK_CONFIG,
  VIRTIO_BLK_F_RO,
  VIRTIO_BLK_REQ_SIZE,
  VIRTIO_BLK_S_IOERR,
  VIRTIO_BLK_S_OK,
  VIRTIO_BLK_SECTOR_SIZE,
  VIRTIO_BLK_T_IN,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
} from '@dxelab/virtio';
import type { VirtioProduct, VirtioSetup } from '@dxelab/virtio-lib';
import { virtioInit, virtioMapAllBytesInSharedBuffer, virtioUninit } from '@dxelab/virtio-lib';
import type { RingLibrary } from './ring-library.ts';

/** Where the header stands in the page of a request; the status byte stands before it, as on OVMF's stack. */
const HEADER = 0x50;
const STATUS = HEADER - 1;

/** EFI_BLOCK_IO_PROTOCOL on a virtio block device, for reading, with whichever ring library it is given. */
export class VirtioBlk implements EfiBlockIo, VirtioProduct {
  readonly revision = EFI_BLOCK_IO_PROTOCOL_REVISION;
  readonly media: EfiBlockIoMedia;
  readonly #virtIo: VirtioDevice;
  readonly #bs: EfiBootServices;
  readonly #libraries: ModuleLibraries;
  readonly #library: RingLibrary;
  readonly #setup: VirtioSetup;
  readonly #page: number;
  readonly #mapping: VirtioMapping;

  /** @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR */
  constructor(
    virtIo: VirtioDevice,
    bs: EfiBootServices,
    libraries: ModuleLibraries,
    library: RingLibrary,
  ) {
    this.#virtIo = virtIo;
    this.#bs = bs;
    this.#libraries = libraries;
    this.#library = library;
    this.#setup = virtioInit(virtIo, bs, libraries, {
      choose: () => VIRTIO_BLK_F_RO,
      queue: 0,
      minimumQueueSize: 3,
    });
    this.media = mediaOf(virtIo);
    this.#page = virtIo.allocateSharedPages(1);
    this.#mapping = virtioMapAllBytesInSharedBuffer(
      virtIo,
      'VirtioOperationBusMasterCommonBuffer',
      { address: this.#page, length: EFI_PAGE_SIZE },
      EFI_PAGE_SIZE,
    );
  }

  reset(): void {
    // OVMF's does nothing either
  }

  readBlocks(_mediaId: number, lba: number, buffer: HostBuffer): void {
    if (buffer.length === 0) return;
    const data = virtioMapAllBytesInSharedBuffer(
      this.#virtIo,
      'VirtioOperationBusMasterWrite',
      buffer,
      buffer.length,
    );
    const oldTpl = this.#bs.raiseTpl(TPL_NOTIFY);
    try {
      this.#synchronousRequest(lba, data);
    } finally {
      this.#bs.restoreTpl(oldTpl);
      this.#virtIo.unmapSharedBuffer(data);
    }
  }

  writeBlocks(): never {
    throw new EfiError('EFI_WRITE_PROTECTED', 'this driver only reads');
  }

  flushBlocks(): void {
    // nothing is ever written
  }

  exitBoot(): void {
    this.#virtIo.setDeviceStatus(0);
  }

  uninit(): void {
    virtioUninit(this.#virtIo, this.#setup);
    this.#virtIo.unmapSharedBuffer(this.#mapping);
    this.#virtIo.freeSharedPages(1, this.#page);
  }

  /** Header, payload, status: three descriptors, one chain (virtio §5.2.6). */
  #synchronousRequest(lba: number, data: VirtioMapping): void {
    const { virtioPrepare, virtioAppendDesc, virtioFlush } = this.#library;
    const { ring } = this.#setup;
    const { ram } = this.#libraries;
    const header = this.#page + HEADER;
    ram.writeUint32(header, VIRTIO_BLK_T_IN);
    ram.writeUint32(header + 4, 0);
    ram.writeUint64(header + 8, lba);
    ram.writeUint8(this.#page + STATUS, VIRTIO_BLK_S_IOERR);

    const { deviceAddress: page } = this.#mapping;
    const indices = virtioPrepare(ring);
    virtioAppendDesc(ring, page + HEADER, VIRTIO_BLK_REQ_SIZE, VRING_DESC_F_NEXT, indices);
    const payload = VRING_DESC_F_NEXT | VRING_DESC_F_WRITE;
    virtioAppendDesc(ring, data.deviceAddress, data.numberOfBytes, payload, indices);
    virtioAppendDesc(ring, page + STATUS, 1, VRING_DESC_F_WRITE, indices);
    virtioFlush(this.#virtIo, 0, ring, indices);

    const status = ram.readUint8(this.#page + STATUS);
    if (status === VIRTIO_BLK_S_OK) return;
    throw new EfiError('EFI_DEVICE_ERROR', `the read of block ${lba} ended with status ${status}`);
  }
}

function mediaOf(virtIo: VirtioDevice): EfiBlockIoMedia {
  return {
    mediaId: 0,
    removableMedia: false,
    mediaPresent: true,
    logicalPartition: false,
    readOnly: true,
    writeCaching: false,
    blockSize: VIRTIO_BLK_SECTOR_SIZE,
    ioAlign: 0,
    lastBlock: Number(virtIo.readDevice64(VIRTIO_BLK_CONFIG.capacity)) - 1,
    lowestAlignedLba: 0,
    logicalBlocksPerPhysicalBlock: 0,
    optimalTransferLengthGranularity: 0,
  };
}
