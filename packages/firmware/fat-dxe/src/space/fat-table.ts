import { EfiError } from '@dxelab/uefi';
import type { FatEntryCodec } from '../layout/fat-entry.ts';
import { fatEntryCodec } from '../layout/fat-entry.ts';
import type { FatGeometry } from '../layout/geometry.ts';
import type { VolumeDisk } from './volume-disk.ts';

/** Holds any FAT12 whole, so that no entry lies across two pages. A multiple of every sector size. */
const PAGE_SIZE = 0x1_0000;
/** 4 MiB of FAT: the whole of it for all but the largest volumes. */
const MAX_PAGES = 64;
/** The entry that carries the mark of a clean volume. */
const MARK_ENTRY = 1;

interface FatPage {
  readonly index: number;
  readonly bytes: Uint8Array;
  /** Per sector: 1 if it differs from the medium. */
  readonly dirty: Uint8Array;
  isDirty: boolean;
}

/**
 * The FATs of a volume: read through a cache, written back by `flush`, to all copies. Writing back may
 * also happen earlier, for room in the cache; that is harmless, for whatever makes changes sees to it
 * that on the medium nothing leads to a cluster before its entry was flushed.
 *
 * While the medium may be out of step the clean bit of entry 1 is off, as by EDK II (Misc.c:
 * FatAccessVolumeDirty). A volume that was found dirty stays so: only a check may say otherwise.
 */
export class FatTable {
  readonly #disk: VolumeDisk;
  readonly #geometry: FatGeometry;
  readonly #codec: FatEntryCodec;
  readonly #pages = new Map<number, FatPage>();
  #recent: FatPage | undefined;
  /** Whether this driver has taken the clean bit away and owes it. */
  #marked = false;

  constructor(disk: VolumeDisk, geometry: FatGeometry) {
    this.#disk = disk;
    this.#geometry = geometry;
    this.#codec = fatEntryCodec(geometry.type);
  }

  /** What follows a cluster, or one of the marks of layout/fat-entry.ts. */
  get(cluster: number): number {
    this.#demand(cluster);
    return this.#read(cluster);
  }

  set(cluster: number, value: number): void {
    this.#demand(cluster);
    this.#write(cluster, value);
  }

  /** Writes back what changed: a run of sectors at a time, each to every FAT. */
  flush(): void {
    for (const page of this.#pages.values()) {
      if (page.isDirty) this.#writeBack(page);
    }
  }

  /** Everything is on the medium: gives the clean bit back. */
  settle(): void {
    if (!this.#marked) return;
    this.#write(MARK_ENTRY, this.#read(MARK_ENTRY) | this.#codec.cleanBit);
    this.#marked = false;
    this.#flushMark();
  }

  /** Takes the clean bit away, on the medium, before the first change gets there. */
  #mark(): void {
    const { cleanBit } = this.#codec;
    if (this.#marked || cleanBit === 0) return;
    const entry = this.#read(MARK_ENTRY);
    if ((entry & cleanBit) === 0) return;
    this.#write(MARK_ENTRY, entry & ~cleanBit);
    this.#marked = true;
    this.#flushMark();
  }

  #flushMark(): void {
    const page = this.#page(0);
    this.#writeSectors(page, 0, 1);
    page.dirty[0] = 0;
    page.isDirty = page.dirty.includes(1);
  }

  #read(cluster: number): number {
    const at = this.#codec.offset(cluster);
    return this.#codec.read(this.#pageAt(at).bytes, at % PAGE_SIZE, cluster);
  }

  #write(cluster: number, value: number): void {
    const at = this.#codec.offset(cluster);
    const page = this.#pageAt(at);
    const within = at % PAGE_SIZE;
    this.#codec.write(page.bytes, within, cluster, value);
    const { sectorSize } = this.#geometry;
    page.dirty[Math.floor(within / sectorSize)] = 1;
    page.dirty[Math.floor((within + this.#codec.size - 1) / sectorSize)] = 1;
    page.isDirty = true;
  }

  #pageAt(offset: number): FatPage {
    const index = Math.floor(offset / PAGE_SIZE);
    return this.#recent?.index === index ? this.#recent : this.#page(index);
  }

  #page(index: number): FatPage {
    const page = this.#pages.get(index) ?? this.#load(index);
    this.#recent = page;
    return page;
  }

  #load(index: number): FatPage {
    if (this.#pages.size >= MAX_PAGES) this.#evict();
    const { fatOffset, fatSize, sectorSize } = this.#geometry;
    const bytes = new Uint8Array(Math.min(PAGE_SIZE, fatSize - index * PAGE_SIZE));
    this.#disk.read(fatOffset + index * PAGE_SIZE, bytes);
    const dirty = new Uint8Array(Math.ceil(bytes.length / sectorSize));
    const page = { index, bytes, dirty, isDirty: false };
    this.#pages.set(index, page);
    return page;
  }

  /** Drops the page that was loaded first, but not page 0, which the mark needs. */
  #evict(): void {
    for (const page of this.#pages.values()) {
      if (page.index === 0) continue;
      if (page.isDirty) this.#writeBack(page);
      this.#pages.delete(page.index);
      return;
    }
  }

  #writeBack(page: FatPage): void {
    this.#mark();
    const { dirty } = page;
    for (let from = dirty.indexOf(1); from !== -1; from = dirty.indexOf(1, from)) {
      const clean = dirty.indexOf(0, from);
      const to = clean === -1 ? dirty.length : clean;
      this.#writeSectors(page, from, to);
      dirty.fill(0, from, to);
    }
    page.isDirty = false;
  }

  #writeSectors(page: FatPage, from: number, to: number): void {
    const { fatOffset, fatSize, fatCount, sectorSize } = this.#geometry;
    const part = page.bytes.subarray(from * sectorSize, to * sectorSize);
    const at = fatOffset + page.index * PAGE_SIZE + from * sectorSize;
    for (let copy = 0; copy < fatCount; copy++) this.#disk.write(at + copy * fatSize, part);
  }

  /** Every caller has looked at the number before; this keeps a mistake from leaving the FAT. */
  #demand(cluster: number): void {
    if (!this.#geometry.isCluster(cluster)) {
      throw new EfiError(
        'EFI_VOLUME_CORRUPTED',
        `expected a cluster from 2 to ${this.#geometry.lastCluster}, found ${cluster}`,
      );
    }
  }
}
