/** U+FFFD for bytes that are no UTF-8. */
const REPLACEMENT = 0xfffd;

/** How many bytes follow a first byte, and what of the code point it holds. */
interface Lead {
  readonly trailing: number;
  readonly bits: number;
  /** The least code point that needs so many bytes. */
  readonly least: number;
}

/** Makes text of the bytes of a terminal, one at a time. */
export class Utf8Decoder {
  readonly #emit: (character: string) => void;
  #lead: Lead | undefined;
  #missing = 0;
  #point = 0;

  /** @param emit called with each character as soon as it is complete */
  constructor(emit: (character: string) => void) {
    this.#emit = emit;
  }

  write(byte: number): void {
    const lead = this.#lead;
    if (lead !== undefined && (byte & 0xc0) === 0x80) {
      this.#point = (this.#point << 6) | (byte & 0x3f);
      this.#missing--;
      if (this.#missing > 0) return;
      this.#lead = undefined;
      this.#put(this.#point < lead.least ? REPLACEMENT : this.#point);
      return;
    }
    if (lead !== undefined) {
      this.#lead = undefined;
      this.#put(REPLACEMENT);
    }
    this.#begin(byte);
  }

  #begin(byte: number): void {
    const lead = leadOf(byte);
    if (lead === undefined) this.#put(byte < 0x80 ? byte : REPLACEMENT);
    else {
      this.#lead = lead;
      this.#missing = lead.trailing;
      this.#point = lead.bits;
    }
  }

  #put(point: number): void {
    const valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    this.#emit(String.fromCodePoint(valid ? point : REPLACEMENT));
  }
}

function leadOf(byte: number): Lead | undefined {
  if (byte >= 0xc2 && byte <= 0xdf) return { trailing: 1, bits: byte & 0x1f, least: 0x80 };
  if (byte >= 0xe0 && byte <= 0xef) return { trailing: 2, bits: byte & 0x0f, least: 0x800 };
  if (byte >= 0xf0 && byte <= 0xf4) return { trailing: 3, bits: byte & 0x07, least: 0x10000 };
  return undefined;
}
