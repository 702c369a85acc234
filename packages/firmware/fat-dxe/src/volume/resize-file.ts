import type { HostBuffer } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { ByteStream } from '../space/byte-stream.ts';
import type { FatNode } from './fat-node.ts';
import type { FatVolume } from './fat-volume.ts';

/** A file's size has 32 bits. */
const MAX_FILE_SIZE = 0xffff_ffff;
const ZEROS_AT_ONCE = 0x1_0000;

/** @throws EFI_UNSUPPORTED: EDK II's word for it (FatPkg/EnhancedFatDxe/FileSpace.c: FatGrowEof) */
export function judgeFileSize(size: number): void {
  if (size <= MAX_FILE_SIZE) return;
  throw new EfiError(
    'EFI_UNSUPPORTED',
    `a file on FAT has at most ${MAX_FILE_SIZE} bytes, ${size} are wanted`,
  );
}

/** @throws EFI_VOLUME_CORRUPTED if a file's clusters hold less than its size says */
export function judgeChain(node: FatNode): void {
  const capacity = node.stream.capacity();
  if (capacity >= node.record.size) return;
  throw new EfiError(
    'EFI_VOLUME_CORRUPTED',
    `${node.path} has ${node.record.size} bytes, its clusters hold ${capacity}`,
  );
}

/**
 * Writes all of a buffer. Beyond the end the file grows; what lies between is zero, but with EDK II's
 * quirk whatever was there. If anything fails the file keeps its size.
 * @param position in bytes
 * @throws EFI_VOLUME_FULL having written nothing
 */
export function writeFile(
  volume: FatVolume,
  node: FatNode,
  position: number,
  buffer: HostBuffer,
): void {
  const { stream, record } = node;
  const end = position + buffer.length;
  withRoom(volume, node, end, () => {
    if (position > record.size && !volume.policy.gapNotZeroed) {
      zeroFill(stream, record.size, position);
    }
    stream.write(position, buffer);
  });
  record.size = Math.max(record.size, end);
  node.markModified(volume.now());
  volume.touch(node);
}

/** Makes a file longer, with zeros, while `meanwhile` can still fail and so undo it. */
export function extendFile(
  volume: FatVolume,
  node: FatNode,
  size: number,
  meanwhile: () => void,
): void {
  withRoom(volume, node, size, () => {
    zeroFill(node.stream, node.record.size, size);
    meanwhile();
  });
  node.record.size = size;
  node.markModified(volume.now());
  volume.touch(node);
}

/**
 * Makes a file shorter: first the record says so, then the chain ends earlier, then the clusters are let go.
 * @throws EFI_VOLUME_CORRUPTED if its chain is broken
 */
export function truncateFile(volume: FatVolume, node: FatNode, size: number): void {
  const { record, stream } = node;
  judgeChain(node);
  volume.commit();
  const before = { ...record };
  record.size = size;
  node.markModified(volume.now());
  try {
    node.store(size === 0 ? 0 : stream.firstCluster);
  } catch (caught) {
    Object.assign(record, before);
    throw caught;
  }
  const removed = stream.cut(size);
  volume.space.flush();
  volume.space.release(removed);
  volume.commit();
}

/** Makes room for `size` bytes; lets it go again if `body` fails. */
function withRoom(volume: FatVolume, node: FatNode, size: number, body: () => void): void {
  const { stream } = node;
  judgeChain(node);
  const before = stream.capacity();
  stream.grow(size);
  try {
    body();
  } catch (caught) {
    volume.attempt(() => volume.space.release(stream.cut(before)));
    throw caught;
  }
}

function zeroFill(stream: ByteStream, from: number, to: number): void {
  if (to <= from) return;
  const zeros = new Uint8Array(Math.min(to - from, ZEROS_AT_ONCE));
  for (let position = from; position < to; position += zeros.length) {
    stream.write(position, zeros.subarray(0, Math.min(zeros.length, to - position)));
  }
}
