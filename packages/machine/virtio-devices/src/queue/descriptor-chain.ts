import type { Dma } from '@dxelab/emulated-machine';
import { uint64 } from '@dxelab/platform';
import type { DeviceAddress } from '@dxelab/uefi';

const NO_BYTES = new Uint8Array(0);
/** Bytes that are faster copied one by one. */
const SHORT = 64;

/** The memory that one descriptor describes: `length` bytes of `bytes`, from index `offset` on. */
export interface Segment {
  address: DeviceAddress;
  bytes: Uint8Array;
  offset: number;
  length: number;
}

/**
 * One buffer that the driver made available: device-readable segments, then device-writable ones
 * (virtio §2.7.4). How the driver cut it into descriptors means nothing, so that a device reads and
 * writes at positions, counted from the first readable and from the first writable byte. Nothing
 * beyond the two lengths can be reached.
 *
 * Chains are reused: after a device has answered one, or a reset has revoked it, it is empty.
 */
export class DescriptorChain {
  /** What the ring calls it: the index of its first descriptor, or the buffer id of a packed ring. */
  head = 0;
  /** How many descriptors of the ring it has: those of an indirect table do not count. */
  slots = 1;
  /** Its number among those that are given back in order. */
  ticket = 0;
  /** How many segments there are, and how many of them, the first ones, are device-readable. */
  segmentCount = 0;
  readableCount = 0;
  /** In bytes. */
  readableLength = 0;
  writableLength = 0;
  /** Grows to the longest chain seen and keeps its objects. */
  private readonly segments: Segment[] = [];

  /** Begins anew, without segments. */
  begin(head: number): void {
    this.head = head;
    this.slots = 1;
    this.segmentCount = 0;
    this.readableCount = 0;
    this.readableLength = 0;
    this.writableLength = 0;
  }

  /** Adds a segment; returns false if the device may not reach all of it. */
  add(dma: Dma, address: DeviceAddress, length: number, writable: boolean): boolean {
    const bytes = dma.locate(address, length);
    if (bytes === undefined) return false;
    const segment = this.segment(this.segmentCount);
    segment.address = address;
    // Nearly always it is the same array, and to write a reference costs more than to compare.
    if (segment.bytes !== bytes) segment.bytes = bytes;
    segment.offset = dma.offset;
    segment.length = length;
    this.segmentCount++;
    if (writable) this.writableLength += length;
    else {
      this.readableCount++;
      this.readableLength += length;
    }
    return true;
  }

  /**
   * Finds its memory anew, for a chain that is answered later.
   * @returns false if the device may no longer reach all of it
   */
  relocate(dma: Dma): boolean {
    for (let index = 0; index < this.segmentCount; index++) {
      const segment = this.segment(index);
      const bytes = dma.locate(segment.address, segment.length);
      if (bytes === undefined) return false;
      segment.bytes = bytes;
      segment.offset = dma.offset;
    }
    return true;
  }

  /** Segment `index`: device-readable below `readableCount`, device-writable from there on. */
  segment(index: number): Segment {
    return (this.segments[index] ??= { address: 0, bytes: NO_BYTES, offset: 0, length: 0 });
  }

  /** One byte of the readable part; 0 beyond its end. */
  readUint8(position: number): number {
    let at = position;
    for (let index = 0; index < this.readableCount; index++) {
      const { bytes, offset, length } = this.segment(index);
      if (at < length) return bytes[offset + at] ?? 0;
      at -= length;
    }
    return 0;
  }

  /** Little-endian, wherever descriptors cut it. */
  readUint16(position: number): number {
    return this.readUint8(position) | (this.readUint8(position + 1) << 8);
  }

  /** Little-endian, wherever descriptors cut it. */
  readUint32(position: number): number {
    // Nearly always the first segment holds all of a header.
    const first = this.segments[0];
    if (first === undefined || this.readableCount === 0 || position + 4 > first.length) {
      return (this.readUint16(position) | (this.readUint16(position + 2) << 16)) >>> 0;
    }
    const { bytes } = first;
    const at = first.offset + position;
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    return (low | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
  }

  /** Little-endian, wherever descriptors cut it; rounded from 2^53 on. */
  readUint64(position: number): number {
    return uint64(this.readUint32(position), this.readUint32(position + 4));
  }

  /** Copies from `position` of the readable part into `target`. @returns how many bytes there were */
  readBytes(position: number, target: Uint8Array): number {
    const { length: wanted } = target;
    if (wanted <= SHORT && this.readableCount > 0) {
      // Nearly always the first segment holds all of a header, and a view of it costs more than a loop.
      const { bytes, offset, length } = this.segment(0);
      if (position + wanted <= length) {
        const from = offset + position;
        for (let index = 0; index < wanted; index++) target[index] = bytes[from + index] ?? 0;
        return wanted;
      }
    }
    let skip = position;
    let done = 0;
    for (let index = 0; index < this.readableCount && done < target.length; index++) {
      const { bytes, offset, length } = this.segment(index);
      const piece = Math.min(length - skip, target.length - done);
      if (piece > 0) {
        target.set(bytes.subarray(offset + skip, offset + skip + piece), done);
        done += piece;
      }
      skip = Math.max(0, skip - length);
    }
    return done;
  }

  /** One byte of the writable part; nothing happens beyond its end. */
  writeUint8(position: number, value: number): void {
    let at = position;
    for (let index = this.readableCount; index < this.segmentCount; index++) {
      const { bytes, offset, length } = this.segment(index);
      if (at < length) {
        bytes[offset + at] = value;
        return;
      }
      at -= length;
    }
  }

  /** Copies `source` to `position` of the writable part. @returns how many bytes there was room for */
  writeBytes(position: number, source: Uint8Array): number {
    let skip = position;
    let done = 0;
    for (
      let index = this.readableCount;
      index < this.segmentCount && done < source.length;
      index++
    ) {
      const { bytes, offset, length } = this.segment(index);
      const piece = Math.min(length - skip, source.length - done);
      if (piece > 0) {
        // Nearly always one segment takes all of it, and no view has to be made.
        const whole = piece === source.length;
        bytes.set(whole ? source : source.subarray(done, done + piece), offset + skip);
        done += piece;
      }
      skip = Math.max(0, skip - length);
    }
    return done;
  }
}
