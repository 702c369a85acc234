// Writes a minimal PE32+ EFI application for X64: its entry point returns EFI_SUCCESS. It has one base
// relocation, so that whoever loads it somewhere else than at its image base has something to do.
import { writeFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node make-bootx64.mjs FILE');

const ALIGNMENT = 0x200;
const PAGE = 0x1000;
const IMAGE_BASE = 0x1_4000_0000n;
const sections = [
  { name: '.text', address: 0x1000, characteristics: 0x6000_0020, content: code() },
  { name: '.data', address: 0x2000, characteristics: 0xc000_0040, content: data() },
  { name: '.reloc', address: 0x3000, characteristics: 0x4200_0040, content: relocations() },
];

/** xor eax, eax; ret */
function code() {
  return Buffer.from([0x31, 0xc0, 0xc3]);
}

/** A pointer to the entry point, which has to be relocated, and a word about where this comes from. */
function data() {
  const bytes = Buffer.alloc(64);
  bytes.writeBigUInt64LE(IMAGE_BASE + 0x1000n, 0);
  bytes.write('dxelab demonstration loader', 8, 'latin1');
  return bytes;
}

/** One block for the page of .data: a DIR64 at its beginning, and padding. */
function relocations() {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(0x2000, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeUInt16LE((10 << 12) | 0, 8);
  return bytes;
}

const DOS = 0x40;
const OPTIONAL = 0xf0;
const headers = Buffer.alloc(ALIGNMENT);
headers.write('MZ', 0, 'latin1');
headers.writeUInt32LE(DOS, 0x3c);
headers.write('PE\0\0', DOS, 'latin1');
headers.writeUInt16LE(0x8664, DOS + 4);
headers.writeUInt16LE(sections.length, DOS + 6);
headers.writeUInt16LE(OPTIONAL, DOS + 20);
headers.writeUInt16LE(0x022e, DOS + 22);

const optional = DOS + 24;
headers.writeUInt16LE(0x20b, optional);
headers.writeUInt32LE(ALIGNMENT, optional + 4);
headers.writeUInt32LE(2 * ALIGNMENT, optional + 8);
headers.writeUInt32LE(0x1000, optional + 16);
headers.writeUInt32LE(0x1000, optional + 20);
headers.writeBigUInt64LE(IMAGE_BASE, optional + 24);
headers.writeUInt32LE(PAGE, optional + 32);
headers.writeUInt32LE(ALIGNMENT, optional + 36);
headers.writeUInt32LE(0x4000, optional + 56);
headers.writeUInt32LE(ALIGNMENT, optional + 60);
headers.writeUInt16LE(10, optional + 68);
headers.writeUInt32LE(16, optional + 108);
const RELOCATION_DIRECTORY = optional + 112 + 5 * 8;
headers.writeUInt32LE(0x3000, RELOCATION_DIRECTORY);
headers.writeUInt32LE(12, RELOCATION_DIRECTORY + 4);

for (const [index, { name, address, characteristics, content }] of sections.entries()) {
  const at = optional + OPTIONAL + index * 40;
  headers.write(name, at, 'latin1');
  headers.writeUInt32LE(content.length, at + 8);
  headers.writeUInt32LE(address, at + 12);
  headers.writeUInt32LE(ALIGNMENT, at + 16);
  headers.writeUInt32LE(ALIGNMENT * (index + 1), at + 20);
  headers.writeUInt32LE(characteristics, at + 36);
}

const bodies = sections.map(({ content }) =>
  Buffer.concat([content, Buffer.alloc(ALIGNMENT - content.length)]),
);
writeFileSync(file, Buffer.concat([headers, ...bodies]));
