import type { EfiBlockIoMedia, EfiDiskIo, EfiErrorStatus, HostBuffer } from '@dxelab/uefi';
import { EfiError, efiStatusOf, isGuestBuffer, readHardDriveNode } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import type { PartitionAbove } from './disk.ts';
import { Disk } from './disk.ts';
import type { PartitionQuirks } from './partition-quirks.ts';
import type { Partition } from './partition.ts';

export const NO_QUIRKS: PartitionQuirks = {
  elToritoCountsCdSectors: false,
  ignoresRemainingDevicePath: false,
  logicalDrivesInAnyPartition: false,
  mbrBlocksOf512Bytes: false,
  repairsGpt: false,
  usableBlocksBelieved: false,
};

/** A disk over an array, by bytes. */
export class ArrayDiskIo implements EfiDiskIo {
  readonly revision: number = 0x00010000;
  readonly bytes: Uint8Array;
  /** What accesses to a byte of the disk fail with. */
  readonly failing = new Map<number, EfiErrorStatus>();
  reads = 0;
  /** Where something was written. */
  readonly writes: number[] = [];
  readOnly = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  readDisk(_mediaId: number, offset: number, buffer: HostBuffer): void {
    this.reads += 1;
    this.#array(buffer).set(this.#range(offset, buffer.length));
  }

  writeDisk(_mediaId: number, offset: number, buffer: HostBuffer): void {
    if (this.readOnly) throw new EfiError('EFI_WRITE_PROTECTED', 'read-only');
    this.#range(offset, buffer.length).set(this.#array(buffer));
    this.writes.push(offset);
  }

  #range(offset: number, length: number): Uint8Array {
    for (const [at, status] of this.failing) {
      if (at >= offset && at < offset + length) throw new EfiError(status, `byte ${at} fails`);
    }
    if (offset >= 0 && offset + length <= this.bytes.length) {
      return this.bytes.subarray(offset, offset + length);
    }
    throw new EfiError('EFI_INVALID_PARAMETER', `${length} bytes at ${offset} are not on the disk`);
  }

  #array(buffer: HostBuffer): Uint8Array {
    if (isGuestBuffer(buffer)) throw new TypeError('partitions are looked for with arrays');
    return buffer;
  }
}

/** A disk, and what was said about it. */
export interface DiskFixture {
  readonly disk: Disk;
  readonly diskIo: ArrayDiskIo;
  readonly said: string[];
}

export function diskOver(
  bytes: Uint8Array,
  blockSize = 512,
  options: { readonly lastBlock?: number; readonly above?: PartitionAbove } = {},
): DiskFixture {
  const said: string[] = [];
  const debug: DebugLib = {
    debug: (_level, message) => said.push(message),
    assert(condition, description): asserts condition {
      if (!condition) throw new Error(description);
    },
  };
  const media: EfiBlockIoMedia = {
    mediaId: 1,
    removableMedia: false,
    mediaPresent: true,
    logicalPartition: options.above !== undefined,
    readOnly: false,
    writeCaching: false,
    blockSize,
    ioAlign: 0,
    lastBlock: options.lastBlock ?? Math.floor(bytes.length / blockSize) - 1,
    lowestAlignedLba: 0,
    logicalBlocksPerPhysicalBlock: 0,
    optimalTransferLengthGranularity: 0,
  };
  const diskIo = new ArrayDiskIo(bytes);
  return { disk: new Disk({ media }, diskIo, debug, options.above), diskIo, said };
}

/** How a search ends, with what it found: `2: 40+10` is partition 2, ten blocks from block 40. */
export function outcome(
  disk: Disk,
  find: () => readonly Partition[] | undefined,
): readonly string[] | string {
  try {
    return (
      find()?.map(({ node, size, start }) => {
        const number = readHardDriveNode(node)?.partitionNumber ?? 'CD';
        return `${number}: ${start / disk.blockSize}+${size / disk.blockSize}`;
      }) ?? 'none'
    );
  } catch (caught) {
    return efiStatusOf(caught);
  }
}
