import { viewOf } from '../../bytes.ts';
import { guidFromBytes } from '../../guid.ts';
import type { DevicePathNode } from '../node.ts';
import type { DevicePathTextOptions } from './text-options.ts';

/** A node on its way to text: its fields by offset, in bytes from its header, and how they are written. */
export class NodePrinter {
  readonly bytes: DevicePathNode;
  readonly options: DevicePathTextOptions;
  readonly #view: DataView;

  constructor(node: DevicePathNode, options: DevicePathTextOptions) {
    this.bytes = node;
    this.options = options;
    this.#view = viewOf(node);
  }

  uint8(offset: number): number {
    return this.#view.getUint8(offset);
  }

  uint16(offset: number): number {
    return this.#view.getUint16(offset, true);
  }

  uint32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  uint64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  /** `0x1f`, with at least so many digits. */
  hex(value: number | bigint, digits = 1): string {
    return `0x${this.cased(value.toString(16).padStart(digits, '0'))}`;
  }

  /** The GUID at an offset. */
  guid(offset: number): string {
    return this.cased(guidFromBytes(this.bytes, offset));
  }

  /** Two digits for each byte from `start` to before `end`, between separators. */
  dump(start: number, end: number = this.bytes.length, separator = ''): string {
    const digits = Array.from(this.bytes.subarray(start, end), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    return this.cased(digits.join(separator));
  }

  /** As an optional last argument: nothing for no bytes. */
  optionalDump(start: number): readonly string[] {
    return this.bytes.length > start ? [this.dump(start)] : [];
  }

  /** The CHAR8 string at an offset, up to its NUL or the end of the node. */
  char8(offset: number): string {
    const end = this.bytes.indexOf(0, offset);
    const characters = this.bytes.subarray(offset, end < 0 ? this.bytes.length : end);
    return Array.from(characters, (byte) => String.fromCharCode(byte)).join('');
  }

  /** The CHAR16 string from an offset to the end of the node. */
  char16(offset: number): string {
    let text = '';
    for (let at = offset; at + 2 <= this.bytes.length; at += 2) {
      text += String.fromCharCode(this.uint16(at));
    }
    return text;
  }

  /** Hexadecimal digits as they are written: EDK II has upper case. */
  cased(digits: string): string {
    return this.options.edk2 === true ? digits.toUpperCase() : digits;
  }
}
