import {
  VIRTIO_BLK_CONFIG,
  VIRTIO_BLK_CONFIG_SIZE,
  VIRTIO_BLK_F_BLK_SIZE,
  VIRTIO_BLK_F_CONFIG_WCE,
  VIRTIO_BLK_F_DISCARD,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_F_RO,
  VIRTIO_BLK_F_SEG_MAX,
  VIRTIO_BLK_F_SIZE_MAX,
  VIRTIO_BLK_F_TOPOLOGY,
  VIRTIO_BLK_F_WRITE_ZEROES,
  VIRTIO_BLK_SECTOR_SIZE,
} from '@dxelab/virtio';
import type { VirtioBlkSettings } from './virtio-blk-options.ts';

/** Sectors of a segment of DISCARD or WRITE_ZEROES, and segments of a request, at most. */
export const MAX_DISCARD_SECTORS = 0x3fffff;
export const MAX_DISCARD_SEGMENTS = 16;

/** The features that a block device offers (virtio §5.2.3). */
export function virtioBlkFeatures(settings: VirtioBlkSettings): bigint {
  return (
    VIRTIO_BLK_F_SEG_MAX |
    VIRTIO_BLK_F_BLK_SIZE |
    VIRTIO_BLK_F_TOPOLOGY |
    VIRTIO_BLK_F_FLUSH |
    VIRTIO_BLK_F_CONFIG_WCE |
    (settings.readOnly ? VIRTIO_BLK_F_RO : 0n) |
    (settings.sizeMax === undefined ? 0n : VIRTIO_BLK_F_SIZE_MAX) |
    (settings.discard ? VIRTIO_BLK_F_DISCARD : 0n) |
    (settings.writeZeroes ? VIRTIO_BLK_F_WRITE_ZEROES : 0n)
  );
}

/** The device configuration as it is after power-on (virtio §5.2.4). */
export function virtioBlkConfig(settings: VirtioBlkSettings): Uint8Array {
  const { backend, blockSize, topology } = settings;
  const at = VIRTIO_BLK_CONFIG;
  const bytes = new Uint8Array(VIRTIO_BLK_CONFIG_SIZE);
  const view = new DataView(bytes.buffer);
  const sectors = BigInt(Math.floor(backend.size / VIRTIO_BLK_SECTOR_SIZE));
  view.setBigUint64(at.capacity, settings.claimedCapacity ?? sectors, true);
  view.setUint32(at.sizeMax, settings.sizeMax ?? 0, true);
  view.setUint32(at.segMax, settings.segMax, true);
  view.setUint32(at.blkSize, blockSize, true);
  view.setUint8(at.physicalBlockExp, topology.physicalBlockExp);
  view.setUint8(at.alignmentOffset, topology.alignmentOffset);
  view.setUint16(at.minIoSize, topology.minIoSize, true);
  view.setUint32(at.optIoSize, topology.optIoSize, true);
  view.setUint8(at.writeback, settings.writeCache ? 1 : 0);
  if (settings.discard) {
    view.setUint32(at.maxDiscardSectors, MAX_DISCARD_SECTORS, true);
    view.setUint32(at.maxDiscardSeg, MAX_DISCARD_SEGMENTS, true);
    view.setUint32(at.discardSectorAlignment, blockSize / VIRTIO_BLK_SECTOR_SIZE, true);
  }
  if (settings.writeZeroes) {
    view.setUint32(at.maxWriteZeroesSectors, MAX_DISCARD_SECTORS, true);
    view.setUint32(at.maxWriteZeroesSeg, MAX_DISCARD_SEGMENTS, true);
    view.setUint8(at.writeZeroesMayUnmap, settings.discard ? 1 : 0);
  }
  return bytes;
}
