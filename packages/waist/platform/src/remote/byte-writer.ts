/** Builds one message, little-endian. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  uint8(value: number): this {
    const offset = this.#reserve(1);
    this.#view.setUint8(offset, value);
    return this;
  }

  uint16(value: number): this {
    const offset = this.#reserve(2);
    this.#view.setUint16(offset, value, true);
    return this;
  }

  uint32(value: number): this {
    const offset = this.#reserve(4);
    this.#view.setUint32(offset, value, true);
    return this;
  }

  uint64(value: bigint): this {
    const offset = this.#reserve(8);
    this.#view.setBigUint64(offset, value, true);
    return this;
  }

  /** Addresses, lengths and times: any number, unharmed. */
  float64(value: number): this {
    const offset = this.#reserve(8);
    this.#view.setFloat64(offset, value, true);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.uint32(value.length);
    const offset = this.#reserve(value.length);
    this.#bytes.set(value, offset);
    return this;
  }

  /** As UTF-16, so that no character is lost. */
  text(value: string): this {
    this.uint32(value.length);
    for (let index = 0; index < value.length; index++) this.uint16(value.charCodeAt(index));
    return this;
  }

  /** Everything that another writer has built so far. */
  append(other: ByteWriter): this {
    const offset = this.#reserve(other.#length);
    this.#bytes.set(other.#bytes.subarray(0, other.#length), offset);
    return this;
  }

  /** The message; it stays as it is when the writer goes on. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room and returns where it begins. */
  #reserve(size: number): number {
    const offset = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes.subarray(0, offset));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return offset;
  }
}
