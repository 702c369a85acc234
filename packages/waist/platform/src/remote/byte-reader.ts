/** Takes one message apart, in the order in which a `ByteWriter` built it. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  bytes(): Uint8Array {
    const length = this.uint32();
    const offset = this.#advance(length);
    return this.#bytes.subarray(offset, offset + length);
  }

  text(): string {
    const length = this.uint32();
    let text = '';
    for (let index = 0; index < length; index++) text += String.fromCharCode(this.uint16());
    return text;
  }

  /** @throws RangeError if the message is too short */
  #advance(size: number): number {
    const offset = this.#offset;
    if (offset + size > this.#bytes.length) {
      throw new RangeError(
        `a message of ${this.#bytes.length} bytes ends before ${size} more at ${offset}`,
      );
    }
    this.#offset += size;
    return offset;
  }
}
