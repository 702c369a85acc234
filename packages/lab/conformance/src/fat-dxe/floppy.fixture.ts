/** How many bytes a floppy has. */
const SECTORS = 2880;

/** An empty FAT12 volume of 1440 KiB, as the FAT specification wants it. */
export function floppy(label = 'FLOPPY'): Uint8Array {
  const bytes = new Uint8Array(SECTORS * 512);
  const view = new DataView(bytes.buffer);
  bytes.set([0xeb, 0x3c, 0x90]);
  view.setUint16(11, 512, true);
  view.setUint8(13, 1);
  view.setUint16(14, 1, true);
  view.setUint8(16, 2);
  view.setUint16(17, 224, true);
  view.setUint16(19, SECTORS, true);
  view.setUint8(21, 0xf0);
  view.setUint16(22, 9, true);
  view.setUint16(510, 0xaa55, true);
  for (const fat of [512, 10 * 512]) bytes.set([0xf0, 0xff, 0xff], fat);
  bytes.set(new TextEncoder().encode(label.padEnd(11)), 19 * 512);
  bytes[19 * 512 + 11] = 0x08;
  return bytes;
}
