import { EfiError } from '@dxelab/uefi';
import { RECORD_SIZE, SLOT_DELETED, SLOT_END, slotKind } from '../layout/directory-record.ts';
import type { ByteStream } from '../space/byte-stream.ts';
import type { ClusterSpace } from '../space/cluster-space.ts';

/** FAT keeps a directory to 2 MiB. */
const MAX_SLOTS = 0x1_0000;

/**
 * The slots of a directory: an image in memory of all of its bytes, and on the medium. A change goes to
 * the medium first, so that the image never promises what is not there.
 */
export class DirectorySlots {
  readonly #stream: ByteStream;
  readonly #space: ClusterSpace;
  #bytes: Uint8Array;
  /** The first slot that was never used. */
  #end: number;
  /** So many deleted slots in a row there are not; spares a full directory the search for them. */
  #noHoleOf = Infinity;

  /** @throws EFI_VOLUME_CORRUPTED if the chain is broken or too long */
  constructor(stream: ByteStream, space: ClusterSpace, path: string) {
    this.#stream = stream;
    this.#space = space;
    const size = stream.capacity();
    if (size < RECORD_SIZE || size > MAX_SLOTS * RECORD_SIZE) {
      throw new EfiError(
        'EFI_VOLUME_CORRUPTED',
        `${path}: a directory has ${RECORD_SIZE} to ${MAX_SLOTS * RECORD_SIZE} bytes, this one has ${size}`,
      );
    }
    this.#bytes = new Uint8Array(size);
    stream.read(0, this.#bytes);
    this.#end = this.#findEnd();
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get end(): number {
    return this.#end;
  }

  /**
   * Finds `count` free slots in a row, and makes room if need be. Slots that were deleted are used only
   * when the directory would have to grow: what was deleted by mistake can so be found for longer.
   * @throws EFI_VOLUME_FULL
   */
  reserve(count: number): number {
    if (this.#end + count <= this.#capacity) return this.#end;
    const hole = count < this.#noHoleOf ? this.#findHole(count) : undefined;
    if (hole !== undefined) return hole;
    this.#noHoleOf = Math.min(this.#noHoleOf, count);
    if (this.#end + count > MAX_SLOTS) {
      throw new EfiError('EFI_VOLUME_FULL', `a directory has ${MAX_SLOTS} slots, all are taken`);
    }
    this.#grow((this.#end + count) * RECORD_SIZE);
    return this.#end;
  }

  /** Writes `content`, whole slots, from `slot` on. */
  write(slot: number, content: Uint8Array): void {
    const after = slot + content.length / RECORD_SIZE;
    this.#store(slot, this.#terminated(after, content));
    this.#bytes.set(content, slot * RECORD_SIZE);
    this.#end = Math.max(this.#end, after);
  }

  /** Marks slots as free again. */
  delete(slot: number, count: number): void {
    const at = slot * RECORD_SIZE;
    const content = this.#bytes.slice(at, at + count * RECORD_SIZE);
    for (let index = 0; index < count; index++) content[index * RECORD_SIZE] = SLOT_DELETED;
    this.write(slot, content);
    this.#noHoleOf = Infinity;
  }

  /** What follows the last slot may be garbage as long as nothing reaches it: it has to end with an end. */
  #terminated(after: number, content: Uint8Array): Uint8Array {
    const next = this.#bytes[after * RECORD_SIZE];
    if (after <= this.#end || next === undefined || next === SLOT_END) return content;
    const longer = new Uint8Array(content.length + RECORD_SIZE);
    longer.set(content);
    this.#bytes.fill(0, after * RECORD_SIZE, (after + 1) * RECORD_SIZE);
    return longer;
  }

  /** Writes whole sectors, in one request where they follow each other on the medium. */
  #store(slot: number, content: Uint8Array): void {
    const { sectorSize } = this.#space.geometry;
    const at = slot * RECORD_SIZE;
    const from = at - (at % sectorSize);
    const to = Math.min(
      Math.ceil((at + content.length) / sectorSize) * sectorSize,
      this.#bytes.length,
    );
    const sectors = this.#bytes.slice(from, to);
    sectors.set(content, at - from);
    this.#stream.write(from, sectors);
  }

  /** Data, then the FAT's new entries, then the entry that leads there. */
  #grow(size: number): void {
    const before = this.#bytes.length;
    this.#stream.grow(size);
    const after = this.#stream.capacity();
    this.#stream.write(before, new Uint8Array(after - before));
    this.#space.flush();
    this.#stream.link();
    this.#space.flush();
    this.#bytes = resized(this.#bytes, after);
  }

  get #capacity(): number {
    return Math.floor(this.#bytes.length / RECORD_SIZE);
  }

  #findEnd(): number {
    let slot = 0;
    while (slot < this.#capacity && this.#bytes[slot * RECORD_SIZE] !== SLOT_END) slot++;
    return slot;
  }

  #findHole(count: number): number | undefined {
    let free = 0;
    for (let slot = 0; slot < this.#end; slot++) {
      free = slotKind(this.#bytes, slot * RECORD_SIZE) === 'deleted' ? free + 1 : 0;
      if (free === count) return slot - count + 1;
    }
    return undefined;
  }
}

/** The same bytes and zeros after them, in a buffer that is often large enough for the next time as well. */
function resized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.buffer.byteLength >= length) return new Uint8Array(bytes.buffer, 0, length);
  const larger = new Uint8Array(length * 2);
  larger.set(bytes);
  return larger.subarray(0, length);
}
