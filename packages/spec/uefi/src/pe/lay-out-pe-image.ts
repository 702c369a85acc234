import { viewOf } from '../bytes.ts';
import { EfiError } from '../status/efi-error.ts';
import {
  EFI_IMAGE_REL_BASED_ABSOLUTE,
  EFI_IMAGE_REL_BASED_DIR64,
  EFI_IMAGE_REL_BASED_HIGH,
  EFI_IMAGE_REL_BASED_HIGHLOW,
  EFI_IMAGE_REL_BASED_LOW,
} from './pe-constants.ts';
import type { PeImage, PeSection } from './pe-image.ts';

const BLOCK_HEADER_SIZE = 8;

/**
 * The bytes of an image as they stand in memory at `base`: headers and sections laid out, and
 * relocated. MdePkg/Library/BasePeCoffLib, PeCoffLoaderLoadImage and PeCoffLoaderRelocateImage.
 * @param file the file that `image` was parsed from
 * @throws EFI_LOAD_ERROR for what lies outside the image, or if it cannot be relocated;
 *   EFI_UNSUPPORTED for a relocation of an unknown type
 */
export function layOutPeImage(image: PeImage, file: Uint8Array, base: number): Uint8Array {
  const bytes = new Uint8Array(image.sizeOfImage);
  bytes.set(file.subarray(0, image.sizeOfHeaders));
  let previous: PeSection | undefined;
  for (const section of image.sections.toSorted((a, b) => a.virtualAddress - b.virtualAddress)) {
    const { name, virtualAddress, pointerToRawData, sizeOfRawData } = section;
    const size = sizeInMemory(section);
    if (size === 0) continue;
    check(
      virtualAddress + size <= bytes.length,
      `section ${name} ends at 0x${(virtualAddress + size).toString(16)}, outside the image of ${bytes.length} bytes`,
    );
    check(
      previous === undefined || previous.virtualAddress + sizeInMemory(previous) <= virtualAddress,
      `section ${name} at 0x${virtualAddress.toString(16)} overlaps section ${previous?.name}`,
    );
    previous = section;
    const length = Math.min(size, sizeOfRawData);
    bytes.set(file.subarray(pointerToRawData, pointerToRawData + length), virtualAddress);
  }
  check(
    image.entryPoint < bytes.length,
    `the entry point 0x${image.entryPoint.toString(16)} is outside the image of ${bytes.length} bytes`,
  );
  relocate(image, bytes, BigInt(base) - image.imageBase);
  return bytes;
}

/** In bytes; a section without a virtual size takes what it has in the file. */
function sizeInMemory({ virtualSize, sizeOfRawData }: PeSection): number {
  return virtualSize === 0 ? sizeOfRawData : virtualSize;
}

/**
 * Adds `delta` wherever a base relocation says that an address stands. An image that needs none is
 * looked through all the same: whether it is good does not depend on where there was room.
 */
function relocate(image: PeImage, bytes: Uint8Array, delta: bigint): void {
  check(
    !image.relocationsStripped || delta === 0n,
    `the image can only be loaded at 0x${image.imageBase.toString(16)}: its relocations are stripped`,
  );
  const { relocations } = image;
  if (relocations === undefined) return;
  const end = relocations.virtualAddress + relocations.size;
  check(
    end <= bytes.length,
    `the base relocations end at 0x${end.toString(16)}, outside the image`,
  );
  const view = viewOf(bytes);
  for (let block = relocations.virtualAddress; block + BLOCK_HEADER_SIZE <= end;) {
    const page = view.getUint32(block, true);
    const size = view.getUint32(block + 4, true);
    // padding behind the last block
    if (size === 0) return;
    check(
      size >= BLOCK_HEADER_SIZE && block + size <= end,
      `a base relocation block of ${size} bytes at 0x${block.toString(16)}: 8 to ${end - block} fit`,
    );
    for (let entry = block + BLOCK_HEADER_SIZE; entry + 2 <= block + size; entry += 2) {
      const fixup = view.getUint16(entry, true);
      applyFixup(view, fixup >> 12, page + (fixup & 0xfff), delta);
    }
    block += size;
  }
}

function applyFixup(view: DataView, type: number, at: number, delta: bigint): void {
  const room = (size: number): void =>
    check(
      at + size <= view.byteLength,
      `a base relocation at 0x${at.toString(16)} is outside the image of ${view.byteLength} bytes`,
    );
  switch (type) {
    case EFI_IMAGE_REL_BASED_ABSOLUTE:
      return;
    case EFI_IMAGE_REL_BASED_HIGH:
      room(2);
      view.setUint16(at, view.getUint16(at, true) + Number((delta >> 16n) & 0xffffn), true);
      return;
    case EFI_IMAGE_REL_BASED_LOW:
      room(2);
      view.setUint16(at, view.getUint16(at, true) + Number(delta & 0xffffn), true);
      return;
    case EFI_IMAGE_REL_BASED_HIGHLOW:
      room(4);
      view.setUint32(at, view.getUint32(at, true) + Number(delta & 0xffff_ffffn), true);
      return;
    case EFI_IMAGE_REL_BASED_DIR64:
      room(8);
      view.setBigUint64(at, view.getBigUint64(at, true) + delta, true);
      return;
    default:
      throw new EfiError('EFI_UNSUPPORTED', `a base relocation of type ${type} is not known`);
  }
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new EfiError('EFI_LOAD_ERROR', message);
}
