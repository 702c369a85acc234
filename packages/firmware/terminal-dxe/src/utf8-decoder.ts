const REPLACEMENT = 0xfffd;

/** Puts UTF-8 together byte by byte. What is none, or not in the BMP, which keys cannot name, is U+FFFD. */
export class Utf8Decoder {
  #point = 0;
  #missing = 0;
  #smallest = 0;

  /** @returns the characters that are complete with this byte */
  decode(byte: number): string {
    if (this.#missing > 0) {
      if ((byte & 0xc0) === 0x80) return this.#continue(byte);
      this.#missing = 0;
      return String.fromCodePoint(REPLACEMENT) + this.decode(byte);
    }
    if (byte < 0x80) return String.fromCodePoint(byte);
    if (byte >= 0xc0 && byte < 0xe0) return this.#begin(byte & 0x1f, 1, 0x80);
    if (byte >= 0xe0 && byte < 0xf0) return this.#begin(byte & 0x0f, 2, 0x800);
    if (byte >= 0xf0 && byte < 0xf8) return this.#begin(byte & 0x07, 3, 0x10000);
    return String.fromCodePoint(REPLACEMENT);
  }

  #begin(bits: number, missing: number, smallest: number): string {
    this.#point = bits;
    this.#missing = missing;
    this.#smallest = smallest;
    return '';
  }

  #continue(byte: number): string {
    this.#point = (this.#point << 6) | (byte & 0x3f);
    this.#missing -= 1;
    if (this.#missing > 0) return '';
    const isCharacter =
      this.#point >= this.#smallest &&
      this.#point < 0x10000 &&
      (this.#point < 0xd800 || this.#point > 0xdfff);
    return String.fromCodePoint(isCharacter ? this.#point : REPLACEMENT);
  }
}
