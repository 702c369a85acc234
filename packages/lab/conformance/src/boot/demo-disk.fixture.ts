import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { crc32 } from '@dxelab/uefi';

const BLOCK = 512;
/** Where sgdisk put the EFI system partition of the demonstration disk, inclusive. */
export const ESP_FIRST = 2048;
export const ESP_LAST = 8158;

// A copy, because `slice` of a Buffer is none.
const IMAGE: Uint8Array = new Uint8Array(
  gunzipSync(readFileSync(new URL('../../../../../apps/dxelab/demo/disk.img.gz', import.meta.url))),
);

/** A copy of the demonstration disk: 4 MiB with a GPT and one FAT12 volume, the EFI system partition. */
export function demoDisk(): Uint8Array {
  return IMAGE.slice();
}

/** The part of the disk that its EFI system partition is. */
export function espOf(disk: Uint8Array): Uint8Array {
  return disk.subarray(ESP_FIRST * BLOCK, (ESP_LAST + 1) * BLOCK);
}

/** The part of the disk that holds \EFI\BOOT\BOOTX64.EFI: the only MZ that begins a block. */
export function bootFileOf(disk: Uint8Array): Uint8Array {
  for (let at = ESP_FIRST * BLOCK; at < disk.length; at += BLOCK) {
    if (disk[at] === 0x4d && disk[at + 1] === 0x5a) return disk.subarray(at, at + 2048);
  }
  throw new Error('the demonstration disk has no boot loader');
}

/** The directory entry of \EFI\BOOT\BOOTX64.EFI, 32 bytes. */
export function bootEntryOf(disk: Uint8Array): Uint8Array {
  const at = Buffer.from(disk.buffer, disk.byteOffset, disk.length).indexOf('BOOTX64 EFI');
  return disk.subarray(at, at + 32);
}

/** A demonstration disk that somebody has changed. */
export function changedDisk(change: (disk: Uint8Array, view: DataView) => void): Uint8Array {
  const disk = demoDisk();
  change(disk, new DataView(disk.buffer, disk.byteOffset, disk.length));
  return disk;
}

/** The EFI system partition of the demonstration disk as the one partition of a disk with an MBR. */
export function mbrDisk(type = 0xef, first = 63): Uint8Array {
  const esp = espOf(IMAGE);
  const disk = new Uint8Array(first * BLOCK + esp.length);
  const view = new DataView(disk.buffer);
  disk.set(esp, first * BLOCK);
  view.setUint32(440, 0xd1ab_0e5d, true);
  view.setUint8(446 + 4, type);
  view.setUint32(446 + 8, first, true);
  view.setUint32(446 + 12, esp.length / BLOCK, true);
  view.setUint16(510, 0xaa55, true);
  return disk;
}

/** Makes both headers of a GPT agree again with what was written into them and their entries (UEFI §5.3). */
export function sealGpt(disk: Uint8Array): void {
  const view = new DataView(disk.buffer, disk.byteOffset, disk.length);
  for (const header of [BLOCK, disk.length - BLOCK]) {
    const entries = Number(view.getBigUint64(header + 72, true)) * BLOCK;
    const length = view.getUint32(header + 80, true) * view.getUint32(header + 84, true);
    view.setUint32(header + 88, crc32(disk.subarray(entries, entries + length)), true);
    view.setUint32(header + 16, 0, true);
    view.setUint32(header + 16, crc32(disk.subarray(header, header + 92)), true);
  }
}

/** Where the entry arrays of the demonstration disk's two GPTs begin, in bytes. */
export const GPT_ENTRIES: readonly number[] = [2 * BLOCK, IMAGE.length - 33 * BLOCK];

/** A demonstration disk whose partition has another GUID: `n` in its last byte. */
export function diskNumber(n: number): Uint8Array {
  return changedDisk((disk) => {
    for (const entries of GPT_ENTRIES) disk[entries + 31] = n;
    sealGpt(disk);
  });
}
