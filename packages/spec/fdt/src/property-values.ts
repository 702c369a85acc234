import { EfiError } from '@dxelab/uefi';
import { textAt, textBytes } from './text.ts';

// The types of property values (Devicetree Specification §2.2.4), as bytes and back.

/** <string> and <stringlist>: each text with a NUL. @throws EFI_INVALID_PARAMETER for wider characters */
export function fdtStrings(...texts: readonly string[]): Uint8Array {
  return Uint8Array.from(texts.flatMap((text) => [...textBytes(text)]));
}

/** <u32> and arrays of cells, big-endian. @throws EFI_INVALID_PARAMETER if one has more than 32 bits */
export function fdtCells(...cells: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(cells.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, cell] of cells.entries()) {
    if (cell !== cell >>> 0) {
      throw new EfiError('EFI_INVALID_PARAMETER', `${cell} is no cell of 32 bits`);
    }
    view.setUint32(index * 4, cell);
  }
  return bytes;
}

/** <u64>, big-endian: two cells each, as `reg` has them with `#address-cells = <2>`. */
export function fdtDoubleCells(...values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setBigUint64(index * 8, value);
  return bytes;
}

/** The texts of a <stringlist>; what has no NUL behind it is none. */
export function readFdtStrings(value: Uint8Array): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < value.length;) {
    const text = textAt(value, at, value.length);
    if (text === undefined) break;
    texts.push(text);
    at += text.length + 1;
  }
  return texts;
}

/** A <u32>; `undefined` unless the value is one. */
export function readFdtCell(value: Uint8Array): number | undefined {
  return value.length === 4 ? Number(readFdtNumber(value, 0, 1)) : undefined;
}

/** The number that `cells` cells hold, from cell `first` on. */
export function readFdtNumber(value: Uint8Array, first: number, cells: number): bigint {
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  let number = 0n;
  for (let cell = first; cell < first + cells; cell += 1) {
    number = (number << 32n) | BigInt(view.getUint32(cell * 4));
  }
  return number;
}
