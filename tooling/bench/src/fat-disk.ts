import type { BlockBackend } from '@dxelab/virtio-devices';
import { noise } from './disk-world.ts';

const SECTOR = 512;
const CLUSTER = 32 * 1024;
const ROOT_ENTRIES = 512;
const FIRST_CLUSTER = 2;
const END_OF_CHAIN = 0xffff;
/** The contents of every file, again and again. */
const PATTERN = 4 * 2 ** 20;

/**
 * A FAT16 disk with one file, `DATA.BIN`, in one run of clusters. Its first sectors are kept; what lies
 * behind them is a pattern, so that a large file takes no memory and yet no page of it is empty.
 */
export class FatDisk implements BlockBackend {
  readonly size: number;
  readonly readOnly = false;
  readonly #head: Uint8Array;
  readonly #pattern = noise(PATTERN);

  /** @param fileSize in bytes, whole clusters */
  constructor(fileSize: number) {
    this.#head = fatHead(fileSize / CLUSTER);
    this.size = this.#head.length + fileSize;
  }

  read(position: number, target: Uint8Array, offset: number, length: number): void {
    for (let done = 0; done < length;) {
      const at = position + done;
      const inHead = at < this.#head.length;
      const bytes = inHead ? this.#head : this.#pattern;
      const from = inHead ? at : (at - this.#head.length) % PATTERN;
      const piece = Math.min(length - done, bytes.length - from);
      target.set(bytes.subarray(from, from + piece), offset + done);
      done += piece;
    }
  }

  write(): never {
    throw new Error('nothing is written to this disk');
  }

  flush(): void {}
}

/** The sectors before the first cluster: BPB, one FAT, and a root directory with one entry. */
function fatHead(clusters: number): Uint8Array {
  const fatSectors = Math.ceil(((clusters + FIRST_CLUSTER) * 2) / SECTOR);
  const rootAt = (1 + fatSectors) * SECTOR;
  const bytes = new Uint8Array(rootAt + ROOT_ENTRIES * 32);
  const view = new DataView(bytes.buffer);
  const text = (at: number, characters: string): void =>
    bytes.set(new TextEncoder().encode(characters), at);

  bytes.set([0xeb, 0x3c, 0x90]);
  text(3, 'DXELAB  ');
  view.setUint16(11, SECTOR, true);
  view.setUint8(13, CLUSTER / SECTOR);
  view.setUint16(14, 1, true);
  view.setUint8(16, 1);
  view.setUint16(17, ROOT_ENTRIES, true);
  view.setUint8(21, 0xf8);
  view.setUint16(22, fatSectors, true);
  view.setUint32(32, (bytes.length + clusters * CLUSTER) / SECTOR, true);
  view.setUint8(38, 0x29);
  text(43, 'BENCH      FAT16   ');
  view.setUint16(510, 0xaa55, true);

  view.setUint16(SECTOR, 0xfff8, true);
  view.setUint16(SECTOR + 2, END_OF_CHAIN, true);
  for (let index = 0; index < clusters; index++) {
    const next = index === clusters - 1 ? END_OF_CHAIN : FIRST_CLUSTER + index + 1;
    view.setUint16(SECTOR + 2 * (FIRST_CLUSTER + index), next, true);
  }

  text(rootAt, 'DATA    BIN');
  view.setUint16(rootAt + 26, FIRST_CLUSTER, true);
  view.setUint32(rootAt + 28, clusters * CLUSTER, true);
  return bytes;
}
