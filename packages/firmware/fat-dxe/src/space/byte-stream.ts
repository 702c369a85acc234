import type { HostBuffer } from '@dxelab/uefi';
import { isGuestBuffer } from '@dxelab/uefi';
import type { ClusterRun } from './extent-list.ts';

/** Bytes that lie somewhere on the volume: the clusters of a file, or the root directory of FAT12 and FAT16. */
export interface ByteStream {
  /** 0 when there is none. */
  readonly firstCluster: number;
  /** How many bytes the place holds. @throws EFI_VOLUME_CORRUPTED */
  capacity(): number;
  /** @param position in bytes; all of the buffer must be within the capacity */
  read(position: number, buffer: HostBuffer): void;
  write(position: number, buffer: HostBuffer): void;
  /**
   * Makes room for `size` bytes; what is in it is whatever was there. On the medium nothing leads to the
   * new clusters before `link`.
   * @throws EFI_VOLUME_FULL having changed nothing
   */
  grow(size: number): void;
  /** Lets the chain on the medium go on into what `grow` added, which must have been flushed. */
  link(): void;
  /**
   * Ends the chain after as many clusters as `size` bytes need, and returns the others, which are still
   * taken: the caller releases them when nothing on the medium leads to them any more.
   */
  cut(size: number): readonly ClusterRun[];
  /** Forgets that the chain is this file's. */
  dispose(): void;
}

/** A part of a buffer; the whole of it is the buffer itself. */
export function partOf(buffer: HostBuffer, start: number, length: number): HostBuffer {
  if (length === buffer.length) return buffer;
  return isGuestBuffer(buffer)
    ? { address: buffer.address + start, length }
    : buffer.subarray(start, start + length);
}
