import { EfiError } from '@dxelab/uefi';
import type { VirtioBlkConfig } from './virtio-blk-config.ts';

/** OVMF's limit of one request, and ours of one descriptor: 1 GiB. */
export const LARGEST_SEGMENT = 0x4000_0000;

/** Descriptors of a request that do not carry data: the header and the status. */
export const OVERHEAD = 2;

/** How a transfer is cut for a device. */
export interface TransferLimits {
  /** In bytes. */
  readonly segment: number;
  /** In bytes: a multiple of the block size. */
  readonly request: number;
}

/**
 * What one descriptor, and one request, may carry (virtio §5.2.3: size_max and seg_max).
 * @throws EFI_UNSUPPORTED if not even one block fits into a request
 */
export function transferLimits(
  { blockSize, sizeMax, segMax }: VirtioBlkConfig,
  queueSize: number,
): TransferLimits {
  const segment = Math.min(sizeMax ?? LARGEST_SEGMENT, LARGEST_SEGMENT);
  const segments = Math.min(segMax ?? Infinity, queueSize - OVERHEAD);
  const request = Math.floor((segment * segments) / blockSize) * blockSize;
  if (request > 0) return { segment, request: Math.min(request, LARGEST_SEGMENT) };
  throw new EfiError(
    'EFI_UNSUPPORTED',
    `${segments} segments of ${segment} bytes do not hold a block of ${blockSize}`,
  );
}
