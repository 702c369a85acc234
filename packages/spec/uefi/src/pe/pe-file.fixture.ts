import { viewOf } from '../bytes.ts';

/** Where things stand in the image that `buildPeFile` makes. */
export const PE_FILE = {
  coff: 0x44,
  optional: 0x58,
  sectionTable: 0x148,
  imageBase: 0x1_4000_0000n,
  entryPoint: 0x1000,
  /** A pointer to the entry point, which is relocated. */
  pointer: 0x2000,
  relocations: 0x3000,
  sizeOfImage: 0x4000,
} as const;

const ALIGNMENT = 0x200;

/** A valid PE32+ application for X64: code, a pointer to it, and the relocation of that pointer. */
export function buildPeFile(): Uint8Array {
  const file = new Uint8Array(4 * ALIGNMENT);
  const view = viewOf(file);
  const { coff, optional } = PE_FILE;
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, coff - 4, true);
  view.setUint32(coff - 4, 0x4550, true);
  view.setUint16(coff, 0x8664, true);
  view.setUint16(coff + 2, 3, true);
  view.setUint16(coff + 16, 0xf0, true);
  view.setUint16(coff + 18, 0x022e, true);
  view.setUint16(optional, 0x20b, true);
  view.setUint32(optional + 16, PE_FILE.entryPoint, true);
  view.setBigUint64(optional + 24, PE_FILE.imageBase, true);
  view.setUint32(optional + 32, 0x1000, true);
  view.setUint32(optional + 56, PE_FILE.sizeOfImage, true);
  view.setUint32(optional + 60, ALIGNMENT, true);
  view.setUint16(optional + 68, 10, true);
  view.setUint32(optional + 108, 16, true);
  view.setUint32(optional + 112 + 5 * 8, PE_FILE.relocations, true);
  view.setUint32(optional + 112 + 5 * 8 + 4, 12, true);

  for (const [index, name] of ['.text', '.data', '.reloc'].entries()) {
    const header = PE_FILE.sectionTable + index * 40;
    file.set(
      Array.from(name, (character) => character.codePointAt(0) ?? 0),
      header,
    );
    view.setUint32(header + 8, 16, true);
    view.setUint32(header + 12, 0x1000 * (index + 1), true);
    view.setUint32(header + 16, ALIGNMENT, true);
    view.setUint32(header + 20, ALIGNMENT * (index + 1), true);
  }
  file.set([0x31, 0xc0, 0xc3], ALIGNMENT);
  view.setBigUint64(2 * ALIGNMENT, PE_FILE.imageBase + BigInt(PE_FILE.entryPoint), true);
  view.setUint32(3 * ALIGNMENT, PE_FILE.pointer, true);
  view.setUint32(3 * ALIGNMENT + 4, 12, true);
  view.setUint16(3 * ALIGNMENT + 8, 10 << 12, true);
  return file;
}
