import { ESP_FIRST } from './demo-disk.fixture.ts';

const BLOCK = 512;

/** The FAT12 volume of a demonstration disk, to be broken (Microsoft's FAT specification 1.03). */
export class DemoVolume {
  readonly #disk: Buffer;
  readonly #start = ESP_FIRST * BLOCK;

  /** @param disk is changed in place */
  constructor(disk: Uint8Array) {
    this.#disk = Buffer.from(disk.buffer, disk.byteOffset, disk.length);
  }

  /** Its boot sector. */
  get bootSector(): Uint8Array {
    return this.#disk.subarray(this.#start, this.#start + BLOCK);
  }

  /** Writes what follows a cluster into both FATs. */
  link(cluster: number, next: number): void {
    const reserved = this.#disk.readUInt16LE(this.#start + 14);
    const sectors = this.#disk.readUInt16LE(this.#start + 22);
    for (const fat of [0, 1]) {
      const table = this.#start + (reserved + fat * sectors) * BLOCK;
      const at = table + Math.floor(cluster * 1.5);
      const old = this.#disk.readUInt16LE(at);
      const entry = cluster % 2 === 0 ? (old & 0xf000) | next : (old & 0x000f) | (next << 4);
      this.#disk.writeUInt16LE(entry, at);
    }
  }

  /** The first cluster of what has this 8.3 name in a directory: `BOOTX64 EFI`. */
  clusterOf(name: string): number {
    return this.#disk.readUInt16LE(this.#record(name) + 26);
  }

  setCluster(name: string, cluster: number): void {
    this.#disk.writeUInt16LE(cluster, this.#record(name) + 26);
  }

  /** @param size in bytes */
  setSize(name: string, size: number): void {
    this.#disk.writeUInt32LE(size, this.#record(name) + 28);
  }

  /** Where the record stands on the disk; the directories of the demonstration have each name once. */
  #record(name: string): number {
    const at = this.#disk.indexOf(name.padEnd(11), this.#start, 'latin1');
    if (at < 0) throw new RangeError(`the demonstration disk has no ${name}`);
    return at;
  }
}
