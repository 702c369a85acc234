import { EfiError } from '../status/efi-error.ts';
import {
  EFI_IMAGE_DIRECTORY_ENTRY_BASERELOC,
  EFI_IMAGE_DIRECTORY_ENTRY_SECURITY,
  EFI_IMAGE_FILE_RELOCS_STRIPPED,
} from './pe-constants.ts';
import type { PeDirectory, PeImage, PeSection } from './pe-image.ts';
import { PeReader } from './pe-reader.ts';

const DOS_SIGNATURE = 0x5a4d;
const DOS_NEW_HEADER = 0x3c;
const PE_SIGNATURE = 0x0000_4550;
const COFF_HEADER_SIZE = 20;
const SECTION_HEADER_SIZE = 40;
const DIRECTORY_SIZE = 8;
const MOST_DIRECTORIES = 16;

/** What differs between the two optional headers: field offsets from their beginning. */
const PE32 = { format: 'PE32', directories: 96, count: 92 } as const;
const PE32_PLUS = { format: 'PE32+', directories: 112, count: 108 } as const;

/**
 * Reads the headers of an image, with the checks of MdePkg/Library/BasePeCoffLib.
 * @throws EFI_UNSUPPORTED for whatever is wrong with them: what was expected, and what came
 */
export function parsePeImage(file: Uint8Array): PeImage {
  const reader = new PeReader(file);
  const coff = locateCoffHeader(reader);
  const optional = coff + COFF_HEADER_SIZE;
  const layout = optionalHeaderLayout(reader, optional);
  const wide = layout.format === 'PE32+';

  const directoryCount = reader.uint32(optional + layout.count, 'NumberOfRvaAndSizes');
  check(
    directoryCount <= MOST_DIRECTORIES,
    `NumberOfRvaAndSizes is ${directoryCount}: expected at most ${MOST_DIRECTORIES}`,
  );
  const optionalSize = reader.uint16(coff + 16, 'SizeOfOptionalHeader');
  const wantedSize = layout.directories + directoryCount * DIRECTORY_SIZE;
  check(
    optionalSize === wantedSize,
    `SizeOfOptionalHeader is ${optionalSize}: ${directoryCount} directories make it ${wantedSize}`,
  );

  const sectionTable = optional + optionalSize;
  const sectionCount = reader.uint16(coff + 2, 'NumberOfSections');
  const sizeOfImage = reader.uint32(optional + 56, 'SizeOfImage');
  const sizeOfHeaders = reader.uint32(optional + 60, 'SizeOfHeaders');
  const tableEnd = sectionTable + sectionCount * SECTION_HEADER_SIZE;
  check(
    tableEnd <= sizeOfHeaders && sizeOfHeaders < sizeOfImage,
    `SizeOfHeaders is ${sizeOfHeaders}: expected at least ${tableEnd}, where the section table ends, and less than SizeOfImage ${sizeOfImage}`,
  );
  reader.require(0, sizeOfHeaders, 'the headers');

  const directory = (index: number): PeDirectory | undefined =>
    index < directoryCount
      ? readDirectory(reader, optional + layout.directories + index * DIRECTORY_SIZE)
      : undefined;
  const security = directory(EFI_IMAGE_DIRECTORY_ENTRY_SECURITY);
  if (security !== undefined) {
    reader.require(security.virtualAddress, security.size, 'the security directory');
  }
  const characteristics = reader.uint16(coff + 18, 'Characteristics');
  return {
    format: layout.format,
    machine: reader.uint16(coff, 'Machine'),
    subsystem: reader.uint16(optional + 68, 'Subsystem'),
    relocationsStripped: (characteristics & EFI_IMAGE_FILE_RELOCS_STRIPPED) !== 0,
    entryPoint: reader.uint32(optional + 16, 'AddressOfEntryPoint'),
    imageBase: wide
      ? reader.uint64(optional + 24, 'ImageBase')
      : BigInt(reader.uint32(optional + 28, 'ImageBase')),
    sectionAlignment: reader.uint32(optional + 32, 'SectionAlignment'),
    sizeOfImage,
    sizeOfHeaders,
    sections: Array.from({ length: sectionCount }, (_, index) =>
      readSection(reader, sectionTable + index * SECTION_HEADER_SIZE, sizeOfHeaders),
    ),
    relocations: directory(EFI_IMAGE_DIRECTORY_ENTRY_BASERELOC),
    security,
  };
}

/** Behind an MS-DOS stub, if there is one. */
function locateCoffHeader(reader: PeReader): number {
  const hasStub = reader.uint16(0, 'the DOS header') === DOS_SIGNATURE;
  const at = hasStub ? reader.uint32(DOS_NEW_HEADER, 'e_lfanew') : 0;
  const signature = reader.uint32(at, 'the PE signature');
  check(
    signature === PE_SIGNATURE,
    `a PE image is expected: "PE\\0\\0" at ${at}, not 0x${signature.toString(16).padStart(8, '0')}`,
  );
  return at + 4;
}

function optionalHeaderLayout(reader: PeReader, optional: number): typeof PE32 | typeof PE32_PLUS {
  const magic = reader.uint16(optional, 'the optional header');
  if (magic === 0x10b) return PE32;
  check(
    magic === 0x20b,
    `Magic is 0x${magic.toString(16)}: expected 0x10b (PE32) or 0x20b (PE32+)`,
  );
  return PE32_PLUS;
}

function readDirectory(reader: PeReader, at: number): PeDirectory | undefined {
  const size = reader.uint32(at + 4, 'a data directory');
  if (size === 0) return undefined;
  return { virtualAddress: reader.uint32(at, 'a data directory'), size };
}

function readSection(reader: PeReader, at: number, sizeOfHeaders: number): PeSection {
  const name = Array.from({ length: 8 }, (_, index) => reader.uint8(at + index, 'a section name'));
  const section: PeSection = {
    name: String.fromCharCode(...name).replace(/\0.*$/s, ''),
    virtualSize: reader.uint32(at + 8, 'VirtualSize'),
    virtualAddress: reader.uint32(at + 12, 'VirtualAddress'),
    sizeOfRawData: reader.uint32(at + 16, 'SizeOfRawData'),
    pointerToRawData: reader.uint32(at + 20, 'PointerToRawData'),
    characteristics: reader.uint32(at + 36, 'Characteristics'),
  };
  if (section.sizeOfRawData === 0) return section;
  check(
    section.virtualAddress >= sizeOfHeaders && section.pointerToRawData >= sizeOfHeaders,
    `section ${section.name} begins within the headers, which have ${sizeOfHeaders} bytes`,
  );
  reader.require(section.pointerToRawData, section.sizeOfRawData, `section ${section.name}`);
  return section;
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new EfiError('EFI_UNSUPPORTED', message);
}
