import type { EfiBlockIoMedia } from '@dxelab/uefi';
import { EFI_BLOCK_IO_PROTOCOL_REVISION, EFI_BLOCK_IO_PROTOCOL_REVISION3 } from '@dxelab/uefi';
import { VIRTIO_BLK_F_FLUSH, VIRTIO_BLK_F_RO } from '@dxelab/virtio';
import type { VirtioBlkConfig } from './virtio-blk-config.ts';

/** The revision whose media fields are filled in; `zero` is what OVMF says without topology. */
export function blockIoRevision({ topology }: VirtioBlkConfig, zero: boolean): number {
  if (topology !== undefined) return EFI_BLOCK_IO_PROTOCOL_REVISION3;
  return zero ? 0 : EFI_BLOCK_IO_PROTOCOL_REVISION;
}

/** The medium, which a virtio block device never changes. */
export function blockIoMedia(config: VirtioBlkConfig, features: bigint): EfiBlockIoMedia {
  const { blockSize, blocks, topology } = config;
  return {
    mediaId: 0,
    removableMedia: false,
    mediaPresent: true,
    logicalPartition: false,
    readOnly: (features & VIRTIO_BLK_F_RO) !== 0n,
    writeCaching: (features & VIRTIO_BLK_F_FLUSH) !== 0n,
    blockSize,
    ioAlign: 0,
    lastBlock: blocks - 1,
    lowestAlignedLba: topology?.alignmentOffset ?? 0,
    logicalBlocksPerPhysicalBlock: topology === undefined ? 0 : 2 ** topology.physicalBlockExp,
    optimalTransferLengthGranularity: topology?.optIoSize ?? 0,
  };
}
