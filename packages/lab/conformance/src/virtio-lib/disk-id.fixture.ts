import type { EfiBootServices } from '@dxelab/uefi';
import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_BLK_ID_BYTES,
  VIRTIO_BLK_REQ_SIZE,
  VIRTIO_BLK_T_GET_ID,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
} from '@dxelab/virtio';
import {
  virtioAppendDesc,
  virtioFlush,
  virtioInit,
  virtioMapAllBytesInSharedBuffer,
  virtioPrepare,
  virtioUninit,
} from '@dxelab/virtio-lib';

/** Asks a virtio disk for its serial number: one chain of header, answer and status. */
export function diskId(
  virtIo: VirtioDevice,
  bs: EfiBootServices,
  libraries: ModuleLibraries,
): string {
  const { ram } = libraries;
  const setup = virtioInit(virtIo, bs, libraries, {
    choose: () => 0n,
    queue: 0,
    minimumQueueSize: 3,
  });

  // One page that both sides reach holds all three.
  const page = virtIo.allocateSharedPages(1);
  const mapping = virtioMapAllBytesInSharedBuffer(
    virtIo,
    'VirtioOperationBusMasterCommonBuffer',
    { address: page, length: EFI_PAGE_SIZE },
    EFI_PAGE_SIZE,
  );
  ram.fill(page, EFI_PAGE_SIZE, 0);
  ram.writeUint32(page, VIRTIO_BLK_T_GET_ID);
  const header = mapping.deviceAddress;
  const answer = header + VIRTIO_BLK_REQ_SIZE;
  const status = answer + VIRTIO_BLK_ID_BYTES;

  const { ring } = setup;
  const indices = virtioPrepare(ring);
  virtioAppendDesc(ring, header, VIRTIO_BLK_REQ_SIZE, VRING_DESC_F_NEXT, indices);
  const writable = VRING_DESC_F_NEXT | VRING_DESC_F_WRITE;
  virtioAppendDesc(ring, answer, VIRTIO_BLK_ID_BYTES, writable, indices);
  virtioAppendDesc(ring, status, 1, VRING_DESC_F_WRITE, indices);
  virtioFlush(virtIo, 0, ring, indices);

  const id = new Uint8Array(VIRTIO_BLK_ID_BYTES);
  ram.readBytes(page + VIRTIO_BLK_REQ_SIZE, id);
  virtioUninit(virtIo, setup);
  virtIo.unmapSharedBuffer(mapping);
  virtIo.freeSharedPages(1, page);
  return String.fromCodePoint(...id.filter((byte) => byte !== 0));
}
