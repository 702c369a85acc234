/** What a test wants its image to be; what it leaves out is that of a valid application for X64. */
export interface PeOptions {
  readonly machine?: number;
  readonly subsystem?: number;
  readonly format?: 'PE32' | 'PE32+';
  readonly imageBase?: number;
  readonly relocationsStripped?: boolean;
  readonly sectionAlignment?: number;
  /** In bytes, in memory. */
  readonly sizeOfImage?: number;
}

/** Relative to the image's base. */
export const ENTRY_POINT = 0x1000;
/** Where the address of the entry point stands, which is relocated. */
export const POINTER = 0x1800;

const FILE_SIZE = 0x1400;
const TEXT = 0x400;
const RELOC = 0x1200;

/** A small image: `.text` at 0x1000 with a pointer to itself at 0x1800, and `.reloc` at 0x2000. */
export function buildPe(options: PeOptions = {}): Uint8Array {
  const {
    machine = 0x8664,
    subsystem = 10,
    format = 'PE32+',
    imageBase = 0,
    relocationsStripped = false,
    sectionAlignment = 0x1000,
    sizeOfImage = 0x3000,
  } = options;
  const wide = format === 'PE32+';
  const file = new Uint8Array(FILE_SIZE);
  const view = new DataView(file.buffer);
  const directories = wide ? 112 : 96;
  const coff = 0x84;
  const optional = coff + 20;
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, 0x80, true);
  view.setUint32(0x80, 0x4550, true);
  view.setUint16(coff, machine, true);
  view.setUint16(coff + 2, 2, true);
  view.setUint16(coff + 16, directories + 16 * 8, true);
  view.setUint16(coff + 18, relocationsStripped ? 0x23 : 0x22, true);
  view.setUint16(optional, wide ? 0x20b : 0x10b, true);
  view.setUint32(optional + 16, ENTRY_POINT, true);
  if (wide) view.setBigUint64(optional + 24, BigInt(imageBase), true);
  else view.setUint32(optional + 28, imageBase, true);
  view.setUint32(optional + 32, sectionAlignment, true);
  view.setUint32(optional + 36, 0x200, true);
  view.setUint32(optional + 56, sizeOfImage, true);
  view.setUint32(optional + 60, TEXT, true);
  view.setUint16(optional + 68, subsystem, true);
  view.setUint32(optional + directories - 4, 16, true);
  view.setUint32(optional + directories + 5 * 8, 0x2000, true);
  view.setUint32(optional + directories + 5 * 8 + 4, 12, true);
  const sections = [
    { name: '.text', size: 0xe00, address: 0x1000, at: TEXT },
    { name: '.reloc', size: 12, address: 0x2000, at: RELOC },
  ];
  for (const [index, { name, size, address, at }] of sections.entries()) {
    const header = optional + directories + 16 * 8 + index * 40;
    for (let place = 0; place < name.length; place++) file[header + place] = name.charCodeAt(place);
    view.setUint32(header + 8, size, true);
    view.setUint32(header + 12, address, true);
    view.setUint32(header + 16, index === 0 ? 0xe00 : 0x200, true);
    view.setUint32(header + 20, at, true);
  }
  file.fill(0xcc, TEXT, TEXT + 16);
  const pointer = TEXT + POINTER - 0x1000;
  if (wide) view.setBigUint64(pointer, BigInt(imageBase + ENTRY_POINT), true);
  else view.setUint32(pointer, imageBase + ENTRY_POINT, true);
  view.setUint32(RELOC, 0x1000, true);
  view.setUint32(RELOC + 4, 12, true);
  view.setUint16(RELOC + 8, ((wide ? 10 : 3) << 12) | (POINTER - 0x1000), true);
  return file;
}
