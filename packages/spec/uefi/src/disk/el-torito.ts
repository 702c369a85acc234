import { viewOf } from '../bytes.ts';
import type { Reading } from './reading.ts';
import { broken, sound } from './reading.ts';

/** In bytes: the sector of a CD, in which ISO 9660 and El Torito count (UEFI §13.3.2.1). */
export const CD_SECTOR_SIZE = 2048;
/** The sector of the first volume descriptor (ISO 9660 §6.3). */
export const FIRST_VOLUME_DESCRIPTOR = 16;

const STANDARD_IDENTIFIER = 'CD001';
const BOOT_SYSTEM_IDENTIFIER = 'EL TORITO SPECIFICATION';
const BOOT_RECORD = 0;
const PRIMARY_VOLUME_DESCRIPTOR = 1;
const VOLUME_DESCRIPTOR_SET_TERMINATOR = 255;

/** What of a volume descriptor leads to bootable images. */
export type CdVolumeDescriptor =
  | { readonly type: 'primary'; /** In sectors. */ readonly volumeSpaceSize: number }
  | {
      readonly type: 'boot-record';
      /** The sector of the boot catalog. */ readonly catalog: number;
    }
  | { readonly type: 'other' };

/**
 * Reads a sector of the volume descriptor set (ISO 9660 §8; El Torito 1.0, figure 7).
 * @returns `undefined` behind the last descriptor, and for what is none
 */
export function readCdVolumeDescriptor(sector: Uint8Array): CdVolumeDescriptor | undefined {
  if (sector.length < CD_SECTOR_SIZE) return undefined;
  const view = viewOf(sector);
  const type = view.getUint8(0);
  if (type === VOLUME_DESCRIPTOR_SET_TERMINATOR) return undefined;
  if (asciiAt(sector, 1, STANDARD_IDENTIFIER.length) !== STANDARD_IDENTIFIER) return undefined;
  if (type === PRIMARY_VOLUME_DESCRIPTOR) {
    return { type: 'primary', volumeSpaceSize: view.getUint32(80, true) };
  }
  const system = asciiAt(sector, 7, BOOT_SYSTEM_IDENTIFIER.length);
  if (type === BOOT_RECORD && system === BOOT_SYSTEM_IDENTIFIER) {
    return { type: 'boot-record', catalog: view.getUint32(71, true) };
  }
  return { type: 'other' };
}

/** The media that an image of the catalog is to be taken for. */
export const ELTORITO_NO_EMULATION = 0;
export const ELTORITO_12_DISKETTE = 1;
export const ELTORITO_14_DISKETTE = 2;
export const ELTORITO_28_DISKETTE = 3;
export const ELTORITO_HARD_DISK = 4;

/** A bootable entry of the catalog (El Torito 1.0, figures 3 and 5). */
export interface ElToritoEntry {
  /** 0 for the initial entry, the others counted from 1: the BootEntry of a CD-ROM device path. */
  readonly bootEntry: number;
  readonly mediaType: number;
  /** In virtual sectors of 512 bytes; 0 and 1 do not say how large the image is. */
  readonly sectorCount: number;
  /** The first sector of the image. */
  readonly loadRba: number;
}

const CATALOG_ENTRY_LENGTH = 32;
const VALIDATION_ENTRY = 0x01;
const BOOTABLE = 0x88;
const KEY = 0xaa55;

/**
 * Reads the first sector of a boot catalog: the validation entry (identifier, key, checksum), then every
 * bootable entry of whichever section (El Torito 1.0 §2).
 */
export function readElToritoCatalog(sector: Uint8Array): Reading<readonly ElToritoEntry[]> {
  if (sector.length < CD_SECTOR_SIZE) {
    return broken(`expected a sector of 2048 bytes, found ${sector.length}`);
  }
  const view = viewOf(sector);
  if (view.getUint8(0) !== VALIDATION_ENTRY || view.getUint16(30, true) !== KEY) {
    return broken('expected a validation entry (01 … 55 AA) at the beginning of the boot catalog');
  }
  let sum = 0;
  for (let offset = 0; offset < CATALOG_ENTRY_LENGTH; offset += 2) {
    sum += view.getUint16(offset, true);
  }
  if ((sum & 0xffff) !== 0) {
    return broken(
      `the words of the validation entry sum to 0x${(sum & 0xffff).toString(16)}, not 0`,
    );
  }
  return sound(bootableEntries(view));
}

function bootableEntries(view: DataView): readonly ElToritoEntry[] {
  const entries: ElToritoEntry[] = [];
  let next = 1;
  for (let offset = CATALOG_ENTRY_LENGTH; offset < CD_SECTOR_SIZE; offset += CATALOG_ENTRY_LENGTH) {
    const loadRba = view.getUint32(offset + 8, true);
    if (view.getUint8(offset) !== BOOTABLE || loadRba === 0) continue;
    const isInitial = offset === CATALOG_ENTRY_LENGTH;
    entries.push({
      bootEntry: isInitial ? 0 : next,
      mediaType: view.getUint8(offset + 1) & 0x0f,
      sectorCount: view.getUint16(offset + 6, true),
      loadRba,
    });
    if (!isInitial) next += 1;
  }
  return entries;
}

function asciiAt(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCodePoint(...bytes.subarray(offset, offset + length));
}
