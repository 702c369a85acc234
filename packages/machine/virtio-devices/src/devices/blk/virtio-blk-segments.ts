import { uint64 } from '@dxelab/platform';
import { VIRTIO_BLK_REQ_SIZE, VIRTIO_BLK_SECTOR_SIZE } from '@dxelab/virtio';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';
import { MAX_DISCARD_SECTORS, MAX_DISCARD_SEGMENTS } from './virtio-blk-config.ts';

/** struct virtio_blk_discard_write_zeroes: sector u64, num_sectors u32, flags u32 (virtio §5.2.6). */
const SEGMENT_SIZE = 16;
const UNMAP = 1;

/** A range of the disk that DISCARD or WRITE_ZEROES names. */
export interface VirtioBlkSegment {
  readonly sector: number;
  /** In bytes. */
  readonly length: number;
}

/** What the data of DISCARD or WRITE_ZEROES says. */
export interface VirtioBlkSegments {
  readonly segments: readonly VirtioBlkSegment[];
  /** A flag was set that the device does not know (virtio §5.2.6.2). */
  readonly unsupported: boolean;
  /** The rule of §5.2.6.1 that the request breaks. */
  readonly problem: string | undefined;
}

/** @param zero WRITE_ZEROES, which may carry the unmap flag; DISCARD may not */
export function readSegments(chain: DescriptorChain, zero: boolean): VirtioBlkSegments {
  const length = chain.readableLength - VIRTIO_BLK_REQ_SIZE;
  const count = length / SEGMENT_SIZE;
  const segments: VirtioBlkSegment[] = [];
  if (!Number.isInteger(count) || count === 0) {
    const problem = `${length} bytes of data are no whole segments of ${SEGMENT_SIZE}`;
    return { segments, unsupported: false, problem };
  }
  if (count > MAX_DISCARD_SEGMENTS) {
    const problem = `${count} segments: at most ${MAX_DISCARD_SEGMENTS}`;
    return { segments, unsupported: false, problem };
  }
  let unsupported = false;
  let problem: string | undefined;
  for (let index = 0; index < count; index++) {
    const at = VIRTIO_BLK_REQ_SIZE + index * SEGMENT_SIZE;
    const sector = uint64(chain.readUint32(at), chain.readUint32(at + 4));
    const sectors = chain.readUint32(at + 8);
    const flags = chain.readUint32(at + 12);
    if ((flags & ~(zero ? UNMAP : 0)) !== 0) unsupported = true;
    if (sectors > MAX_DISCARD_SECTORS) {
      problem = `a segment of ${sectors} sectors: at most ${MAX_DISCARD_SECTORS}`;
    }
    segments.push({ sector, length: sectors * VIRTIO_BLK_SECTOR_SIZE });
  }
  return { segments, unsupported, problem };
}
