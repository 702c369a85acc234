/** What a device model sees of memory: guest RAM as a device reaches it. */
export interface ModelMemory {
  readUint16(address: number): number;
  readUint32(address: number): number;
  writeUint16(address: number, value: number): void;
  writeUint32(address: number, value: number): void;
}

/** A buffer of a chain, as the device read it. */
export interface ModelBuffer {
  readonly address: number;
  readonly length: number;
  readonly writable: boolean;
}

/** A chain that the device has taken and not used yet. */
export interface ModelChain {
  readonly id: number;
  /** Descriptors in the ring. */
  readonly count: number;
  readonly buffers: readonly ModelBuffer[];
}

export interface ModelRing {
  readonly size: number;
  readonly desc: number;
  readonly driver: number;
  readonly device: number;
  readonly eventIdx: boolean;
  readonly inOrder: boolean;
}

/**
 * The device's side of a ring in as few words as can be, and with nothing of the driver's code: written
 * from virtio §2.7 and §2.8 so that one can be held against the other.
 */
export interface ModelDevice {
  /** The next available chain, if there is one. */
  take(): ModelChain | undefined;
  /** Uses chains: with VIRTIO_F_IN_ORDER a batch with one element, else one chain. */
  use(chains: readonly ModelChain[], length: number): void;
  /** Asks to be told of the next chain. */
  listen(): void;
  /** Asks not to be told. */
  beDeaf(): void;
  /** Whether the driver wants an interrupt for what was used since the last question. */
  interrupts(): boolean;
}

function u64(memory: ModelMemory, at: number): number {
  return memory.readUint32(at) + memory.readUint32(at + 4) * 0x1_0000_0000;
}

function buffer(memory: ModelMemory, at: number, flags: number): ModelBuffer {
  return {
    address: u64(memory, at),
    length: memory.readUint32(at + 8),
    writable: (flags & 2) !== 0,
  };
}

export class SplitModel implements ModelDevice {
  readonly #memory: ModelMemory;
  readonly #ring: ModelRing;
  #taken = 0;
  #used = 0;
  #told = 0;

  constructor(memory: ModelMemory, ring: ModelRing) {
    this.#memory = memory;
    this.#ring = ring;
  }

  take(): ModelChain | undefined {
    const { size, driver, desc } = this.#ring;
    if (this.#memory.readUint16(driver + 2) === this.#taken) return undefined;
    const id = this.#memory.readUint16(driver + 4 + 2 * (this.#taken % size));
    this.#taken = (this.#taken + 1) & 0xffff;
    const buffers: ModelBuffer[] = [];
    const count = this.#walk(desc, id, size, buffers);
    return { id, count, buffers };
  }

  #walk(table: number, first: number, size: number, buffers: ModelBuffer[]): number {
    for (let at = first, count = 1; ; count += 1) {
      const desc = table + 16 * at;
      const flags = this.#memory.readUint16(desc + 12);
      if ((flags & 4) !== 0) {
        const entries = this.#memory.readUint32(desc + 8) / 16;
        this.#walk(u64(this.#memory, desc), 0, entries, buffers);
      } else {
        buffers.push(buffer(this.#memory, desc, flags));
      }
      if ((flags & 1) === 0 || count > size) return count;
      at = this.#memory.readUint16(desc + 14);
    }
  }

  use(chains: readonly ModelChain[], length: number): void {
    const { size, device } = this.#ring;
    const element = device + 4 + 8 * (this.#used % size);
    this.#memory.writeUint32(element, chains.at(-1)?.id ?? 0);
    this.#memory.writeUint32(element + 4, length);
    this.#used = (this.#used + chains.length) & 0xffff;
    this.#memory.writeUint16(device + 2, this.#used);
  }

  listen(): void {
    const { device, size, eventIdx } = this.#ring;
    if (eventIdx) this.#memory.writeUint16(device + 4 + 8 * size, this.#taken);
    else this.#memory.writeUint16(device, 0);
  }

  beDeaf(): void {
    const { device, eventIdx } = this.#ring;
    // with event indices there is no flag: the event of before simply lies behind
    if (!eventIdx) this.#memory.writeUint16(device, 1);
  }

  interrupts(): boolean {
    const { driver, size, eventIdx } = this.#ring;
    const since = (this.#used - this.#told) & 0xffff;
    this.#told = this.#used;
    if (since === 0) return false;
    if (!eventIdx) return (this.#memory.readUint16(driver) & 1) === 0;
    const event = this.#memory.readUint16(driver + 4 + 2 * size);
    return ((this.#used - 1 - event) & 0xffff) < since;
  }
}

/** A place in a packed ring with the wrap counter of its lap. */
interface Place {
  at: number;
  wrap: number;
}

export class PackedModel implements ModelDevice {
  readonly #memory: ModelMemory;
  readonly #ring: ModelRing;
  readonly #avail: Place = { at: 0, wrap: 1 };
  readonly #used: Place = { at: 0, wrap: 1 };
  /** Descriptors used since the driver was told, as it will count them. */
  #since = 0;

  constructor(memory: ModelMemory, ring: ModelRing) {
    this.#memory = memory;
    this.#ring = ring;
  }

  take(): ModelChain | undefined {
    const { desc } = this.#ring;
    const head = this.#memory.readUint16(desc + 16 * this.#avail.at + 14);
    if (bit(head, 7) !== this.#avail.wrap || bit(head, 15) === this.#avail.wrap) return undefined;
    const buffers: ModelBuffer[] = [];
    for (let count = 1; ; count += 1) {
      const at = desc + 16 * this.#avail.at;
      const flags = this.#memory.readUint16(at + 14);
      this.#step(this.#avail, 1);
      if ((flags & 4) !== 0) {
        const table = u64(this.#memory, at);
        const entries = this.#memory.readUint32(at + 8) / 16;
        for (let entry = table; entry < table + 16 * entries; entry += 16) {
          buffers.push(buffer(this.#memory, entry, this.#memory.readUint16(entry + 14)));
        }
      } else {
        buffers.push(buffer(this.#memory, at, flags));
      }
      if ((flags & 1) === 0 || count > this.#ring.size) {
        return { id: this.#memory.readUint16(at + 12), count, buffers };
      }
    }
  }

  use(chains: readonly ModelChain[], length: number): void {
    const at = this.#ring.desc + 16 * this.#used.at;
    const marks = this.#used.wrap === 1 ? 0x8080 : 0;
    this.#memory.writeUint32(at + 8, length);
    this.#memory.writeUint16(at + 12, chains.at(-1)?.id ?? 0);
    this.#memory.writeUint16(at + 14, length > 0 ? marks | 2 : marks);
    const count = chains.reduce((sum, chain) => sum + chain.count, 0);
    this.#step(this.#used, count);
    this.#since += count;
  }

  listen(): void {
    const { device, eventIdx } = this.#ring;
    this.#memory.writeUint16(device, this.#avail.at | (this.#avail.wrap << 15));
    this.#memory.writeUint16(device + 2, eventIdx ? 2 : 0);
  }

  beDeaf(): void {
    this.#memory.writeUint16(this.#ring.device + 2, 1);
  }

  interrupts(): boolean {
    const { driver, size } = this.#ring;
    const since = this.#since;
    this.#since = 0;
    const flags = this.#memory.readUint16(driver + 2);
    if (since === 0 || flags === 1) return false;
    if (flags === 0) return true;
    const event = this.#memory.readUint16(driver);
    const lap = event >>> 15 === this.#used.wrap ? 0 : size;
    const behind = this.#used.at + lap - (event & 0x7fff);
    return behind > 0 && behind <= since;
  }

  #step(place: Place, by: number): void {
    place.at += by;
    if (place.at < this.#ring.size) return;
    place.at -= this.#ring.size;
    place.wrap = 1 - place.wrap;
  }
}

function bit(value: number, at: number): number {
  return (value >>> at) & 1;
}
