import { EfiError } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_BLK_CONFIG,
  VIRTIO_BLK_F_BLK_SIZE,
  VIRTIO_BLK_F_SEG_MAX,
  VIRTIO_BLK_F_SIZE_MAX,
  VIRTIO_BLK_F_TOPOLOGY,
  VIRTIO_BLK_SECTOR_SIZE,
} from '@dxelab/virtio';

/** What a block device says about itself, checked (virtio §5.2.4). */
export interface VirtioBlkConfig {
  /** In bytes. */
  readonly blockSize: number;
  /** In blocks of `blockSize`. */
  readonly blocks: number;
  readonly topology:
    | {
        /** Physical blocks hold 2 to this power of logical ones. */
        readonly physicalBlockExp: number;
        readonly alignmentOffset: number;
        /** In blocks. */
        readonly optIoSize: number;
      }
    | undefined;
  /** The largest segment in bytes; absent if the device sets no limit. */
  readonly sizeMax: number | undefined;
  /** The largest number of segments; absent if the device sets no limit. */
  readonly segMax: number | undefined;
}

/**
 * Reads the configuration of a device that offers `features`.
 * @throws EFI_UNSUPPORTED for a device that no driver could use
 */
export function readVirtioBlkConfig(virtIo: VirtioDevice, features: bigint): VirtioBlkConfig {
  const has = (feature: bigint): boolean => (features & feature) !== 0n;
  const sectors = readCapacity(virtIo);
  const blockSize = has(VIRTIO_BLK_F_BLK_SIZE)
    ? virtIo.readDevice(VIRTIO_BLK_CONFIG.blkSize, 4)
    : VIRTIO_BLK_SECTOR_SIZE;
  const sectorsPerBlock = blockSize / VIRTIO_BLK_SECTOR_SIZE;
  if (blockSize === 0 || !Number.isInteger(sectorsPerBlock) || sectors % sectorsPerBlock !== 0) {
    throw new EfiError(
      'EFI_UNSUPPORTED',
      `blk_size ${blockSize}: expected a multiple of 512 that divides ${sectors} sectors`,
    );
  }
  return {
    blockSize,
    blocks: sectors / sectorsPerBlock,
    topology: has(VIRTIO_BLK_F_TOPOLOGY) ? readTopology(virtIo) : undefined,
    sizeMax: has(VIRTIO_BLK_F_SIZE_MAX)
      ? virtIo.readDevice(VIRTIO_BLK_CONFIG.sizeMax, 4)
      : undefined,
    segMax: has(VIRTIO_BLK_F_SEG_MAX) ? virtIo.readDevice(VIRTIO_BLK_CONFIG.segMax, 4) : undefined,
  };
}

/** In sectors of 512 bytes; as large as a byte position can be a safe integer, and not 0. */
function readCapacity(virtIo: VirtioDevice): number {
  const capacity = virtIo.readDevice64(VIRTIO_BLK_CONFIG.capacity);
  const largest = BigInt(Number.MAX_SAFE_INTEGER) / BigInt(VIRTIO_BLK_SECTOR_SIZE);
  if (capacity > 0n && capacity <= largest) return Number(capacity);
  throw new EfiError(
    'EFI_UNSUPPORTED',
    `a capacity of 1 to ${largest} sectors is expected, and the device has ${capacity}`,
  );
}

function readTopology(virtIo: VirtioDevice): VirtioBlkConfig['topology'] {
  const physicalBlockExp = virtIo.readDevice(VIRTIO_BLK_CONFIG.physicalBlockExp, 1);
  if (physicalBlockExp >= 32) {
    throw new EfiError(
      'EFI_UNSUPPORTED',
      `physical_block_exp ${physicalBlockExp}: expected below 32`,
    );
  }
  return {
    physicalBlockExp,
    alignmentOffset: virtIo.readDevice(VIRTIO_BLK_CONFIG.alignmentOffset, 1),
    optIoSize: virtIo.readDevice(VIRTIO_BLK_CONFIG.optIoSize, 4),
  };
}
