import {
  VIRTQ_PACKED_DESC,
  VIRTQ_PACKED_DESC_SIZE,
  VRING_DESC_F_INDIRECT,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
  VRING_DESC_SIZE,
} from '@dxelab/virtio';
import type { RingFormat } from '../ring-place.ts';

/** A descriptor of either ring, as its bytes have it (virtio §2.7.5, §2.8.13). */
export interface Descriptor {
  readonly address: bigint;
  /** Of the buffer, in bytes. */
  readonly length: number;
  readonly flags: number;
  /** Of a split ring: the descriptor that follows, if NEXT is set. Of a packed one: the buffer id. */
  readonly nextOrId: number;
}

/** A piece of a request's buffer. */
export interface Segment {
  readonly address: bigint;
  /** In bytes. */
  readonly length: number;
  /** Whether the device writes it. */
  readonly writable: boolean;
}

/** The descriptor at an index; what lies behind the end of the bytes reads as zeros. */
export function descriptorAt(bytes: Uint8Array, format: RingFormat, index: number): Descriptor {
  const size = format === 'packed' ? VIRTQ_PACKED_DESC_SIZE : VRING_DESC_SIZE;
  const at = index * size;
  if (at + size > bytes.length) return { address: 0n, length: 0, flags: 0, nextOrId: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  const [nextOrId, flags] =
    format === 'packed'
      ? [view.getUint16(VIRTQ_PACKED_DESC.id, true), view.getUint16(VIRTQ_PACKED_DESC.flags, true)]
      : [view.getUint16(14, true), view.getUint16(12, true)];
  return { address: view.getBigUint64(0, true), length: view.getUint32(8, true), flags, nextOrId };
}

export function hasNext({ flags }: Pick<Descriptor, 'flags'>): boolean {
  return (flags & VRING_DESC_F_NEXT) !== 0;
}

export function isIndirect({ flags }: Pick<Descriptor, 'flags'>): boolean {
  return (flags & VRING_DESC_F_INDIRECT) !== 0;
}

export function isWritable({ flags }: Pick<Descriptor, 'flags'>): boolean {
  return (flags & VRING_DESC_F_WRITE) !== 0;
}

/** The pieces of the descriptors of an indirect table, in the order in which the device takes them. */
export function tableSegments(bytes: Uint8Array, format: RingFormat): readonly Segment[] {
  const count = Math.floor(bytes.length / VRING_DESC_SIZE);
  const segments: Segment[] = [];
  // In a packed ring's table they simply follow each other (virtio §2.8.7); a cycle ends with the table.
  for (let at = 0; segments.length < count && at < count;) {
    const descriptor = descriptorAt(bytes, format, at);
    segments.push(segmentOf(descriptor));
    if (format === 'split' && !hasNext(descriptor)) break;
    at = format === 'split' ? descriptor.nextOrId : at + 1;
  }
  return segments;
}

export function segmentOf(descriptor: Descriptor): Segment {
  const { address, length } = descriptor;
  return { address, length, writable: isWritable(descriptor) };
}
