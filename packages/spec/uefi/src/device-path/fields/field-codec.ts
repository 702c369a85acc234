import { concatBytes, viewOf } from '../../bytes.ts';
import { guid, guidFromBytes } from '../../guid.ts';
import {
  bytesField,
  char16Field,
  char8Field,
  guidField,
  uint16,
  uint32,
  uint64,
  uint8,
} from '../node.ts';
import { utf8Field, utf8FromBytes } from '../utf8.ts';
import type { FieldLayout } from './node-layouts.ts';

/** What a field can hold; a GUID is its text. */
export type FieldValue = number | bigint | string | Uint8Array | readonly number[];

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A field as bytes; `undefined` if the value is of another kind than the field.
 * @throws EFI_INVALID_PARAMETER for a value too wide
 */
export function writeField(layout: FieldLayout, value: FieldValue): Uint8Array | undefined {
  if (typeof value === 'number') return writeNumber(layout, value);
  if (typeof value === 'bigint') return layout === 'uint64' ? uint64(value) : undefined;
  if (typeof value === 'string') return writeText(layout, value);
  if (value instanceof Uint8Array) return writeBytes(layout, value);
  return layout === 'uint32s' ? concatBytes(...value.map(uint32)) : undefined;
}

function writeNumber(layout: FieldLayout, value: number): Uint8Array | undefined {
  if (layout === 'uint8') return uint8(value);
  if (layout === 'uint16') return uint16(value);
  if (layout === 'uint32') return uint32(value);
  return layout === 'uint64' ? uint64(value) : undefined;
}

function writeText(layout: FieldLayout, value: string): Uint8Array | undefined {
  if (layout === 'guid') return GUID.test(value) ? guidField(guid(value)) : undefined;
  // A NUL inside would end the text.
  if (layout.endsWith('z') && value.includes('\0')) return undefined;
  if (layout === 'char8') return char8Field(value);
  if (layout === 'char8z') return concatBytes(char8Field(value), uint8(0));
  if (layout === 'char16') return char16Field(value);
  if (layout === 'char16z') return concatBytes(char16Field(value), uint16(0));
  return layout === 'utf8z' ? concatBytes(utf8Field(value), uint8(0)) : undefined;
}

function writeBytes(layout: FieldLayout, value: Uint8Array): Uint8Array | undefined {
  if (layout === 'rest') return value;
  const length = lengthOf(layout);
  return length === undefined ? undefined : bytesField(value, length);
}

/** Takes fields from the payload of a node, one after the other; `undefined` where there is none. */
export class FieldReader {
  readonly #payload: Uint8Array;
  #offset = 0;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
  }

  read(layout: FieldLayout): FieldValue | undefined {
    const length = lengthOf(layout);
    if (length !== undefined) return this.#taken(length, (bytes) => bytes.slice());
    if (layout === 'guid') return this.#taken(16, (bytes) => guidFromBytes(bytes));
    if (layout === 'uint32s') return this.#numbers();
    if (layout === 'char8z' || layout === 'utf8z') return this.#terminated(layout);
    if (layout === 'char16z') return this.#rest('char16', 2);
    if (layout === 'char8' || layout === 'char16' || layout === 'rest') return this.#rest(layout);
    return this.#number(Number(layout.slice('uint'.length)) / 8);
  }

  #number(width: number): number | bigint | undefined {
    return this.#taken(width, (bytes) => {
      const view = viewOf(bytes);
      if (width === 8) return view.getBigUint64(0, true);
      if (width === 4) return view.getUint32(0, true);
      return width === 2 ? view.getUint16(0, true) : view.getUint8(0);
    });
  }

  #numbers(): readonly number[] | undefined {
    const left = this.#payload.subarray(this.#offset);
    if (left.length === 0 || left.length % 4 !== 0) return undefined;
    return Array.from({ length: left.length / 4 }, (_, index) =>
      viewOf(left).getUint32(index * 4, true),
    );
  }

  /** All that is left, but for a terminator of so many bytes. */
  #rest(layout: 'char8' | 'char16' | 'rest', terminator = 0): FieldValue | undefined {
    const left = this.#payload.subarray(this.#offset);
    const length = left.length - terminator;
    if (length < 0) return undefined;
    const bytes = left.subarray(0, length);
    if (layout === 'rest') return bytes.slice();
    if (layout === 'char8') return latin1(bytes);
    if (length % 2 !== 0) return undefined;
    const view = viewOf(bytes);
    const units = Array.from({ length: length / 2 }, (_, at) => view.getUint16(at * 2, true));
    return units.map((unit) => String.fromCharCode(unit)).join('');
  }

  /** Up to the next NUL. */
  #terminated(layout: 'char8z' | 'utf8z'): string | undefined {
    const end = this.#payload.indexOf(0, this.#offset);
    if (end < 0) return undefined;
    const bytes = this.#payload.subarray(this.#offset, end);
    this.#offset = end + 1;
    return layout === 'utf8z' ? utf8FromBytes(bytes) : latin1(bytes);
  }

  #taken<Value>(length: number, take: (bytes: Uint8Array) => Value): Value | undefined {
    const end = this.#offset + length;
    if (end > this.#payload.length) return undefined;
    const bytes = this.#payload.subarray(this.#offset, end);
    this.#offset = end;
    return take(bytes);
  }
}

/** Of a field of bytes; `undefined` for any other. */
function lengthOf(layout: FieldLayout): number | undefined {
  return layout.startsWith('bytes') ? Number(layout.slice('bytes'.length)) : undefined;
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
