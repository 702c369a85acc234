import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../bytes.ts';
import { isEfiFailure } from '../status/efi-error.ts';
import { layOutPeImage } from './lay-out-pe-image.ts';
import { parsePeImage } from './parse-pe-image.ts';
import { buildPeFile, PE_FILE } from './pe-file.fixture.ts';

const { coff, optional, sectionTable } = PE_FILE;

/** A valid file with one field changed. */
function changed(change: (view: DataView) => void): Uint8Array {
  const file = buildPeFile();
  change(viewOf(file));
  return file;
}

function load(file: Uint8Array, base: number = 0x10_0000): Uint8Array {
  return layOutPeImage(parsePeImage(file), file, base);
}

describe('a PE32+ image (UEFI §2.1.1)', () => {
  test('says what it is', () => {
    const image = parsePeImage(buildPeFile());
    expect(image).toMatchObject({
      format: 'PE32+',
      machine: 0x8664,
      subsystem: 10,
      imageBase: PE_FILE.imageBase,
      entryPoint: PE_FILE.entryPoint,
      sizeOfImage: PE_FILE.sizeOfImage,
      relocationsStripped: false,
    });
    expect(image.sections.map(({ name }) => name)).toEqual(['.text', '.data', '.reloc']);
  });

  test('is laid out by section, and zero between them', () => {
    const bytes = load(buildPeFile());
    expect([...bytes.subarray(0x1000, 0x1004)]).toEqual([0x31, 0xc0, 0xc3, 0]);
    expect(bytes.subarray(0x1010, 0x2000).every((byte) => byte === 0)).toBe(true);
    expect(bytes).toHaveLength(PE_FILE.sizeOfImage);
  });

  test('is relocated to where it is loaded, below its image base and above', () => {
    for (const base of [0x10_0000, 0x2_0000_0000]) {
      const pointer = viewOf(load(buildPeFile(), base)).getBigUint64(PE_FILE.pointer, true);
      expect(pointer).toBe(BigInt(base + PE_FILE.entryPoint));
    }
  });

  test('without relocations is loaded at its image base, and nowhere else', () => {
    const file = changed((view) => view.setUint16(coff + 18, 0x022f, true));
    expect(load(file, Number(PE_FILE.imageBase))).toHaveLength(PE_FILE.sizeOfImage);
    expect(() => load(file)).toThrow(/EFI_LOAD_ERROR.*relocations are stripped/);
  });
});

describe('headers that are wrong are EFI_UNSUPPORTED, and the message says how', () => {
  test.each<[string, (view: DataView) => void, RegExp]>([
    ['no PE signature', (view) => view.setUint32(coff - 4, 0, true), /a PE image is expected/],
    ['e_lfanew outside', (view) => view.setUint32(0x3c, 0xffff_fff0, true), /outside the file/],
    ['a ROM image', (view) => view.setUint16(optional, 0x107, true), /Magic is 0x107/],
    ['17 directories', (view) => view.setUint32(optional + 108, 17, true), /at most 16/],
    ['a short optional header', (view) => view.setUint16(coff + 16, 0xe0, true), /make it 240/],
    [
      'sections beyond the headers',
      (view) => view.setUint16(coff + 2, 100, true),
      /SizeOfHeaders is 512/,
    ],
    ['SizeOfImage 0', (view) => view.setUint32(optional + 56, 0, true), /less than SizeOfImage 0/],
    [
      'a section outside the file',
      (view) => view.setUint32(sectionTable + 20, 0x10_0000, true),
      /section \.text at 1048576.*outside the file/,
    ],
    [
      'a section over the headers',
      (view) => view.setUint32(sectionTable + 12, 0x100, true),
      /section \.text begins within the headers/,
    ],
    [
      'signatures outside the file',
      (view) => {
        view.setUint32(optional + 112 + 4 * 8, 0x600, true);
        view.setUint32(optional + 112 + 4 * 8 + 4, 0x1000, true);
      },
      /security directory.*outside the file/,
    ],
  ])('%s', (_what, change, message) => {
    expect(() => parsePeImage(changed(change))).toThrow(message);
    expect(() => parsePeImage(changed(change))).toThrow('EFI_UNSUPPORTED');
  });

  test('a file that is cut off anywhere', () => {
    const file = buildPeFile();
    for (let length = 0; length < file.length; length += 13) {
      expect(() => parsePeImage(file.subarray(0, length))).toThrow('EFI_UNSUPPORTED');
    }
  });
});

describe('an image that cannot be loaded is EFI_LOAD_ERROR', () => {
  const block = 3 * 0x200;
  test.each<[string, (view: DataView) => void, RegExp]>([
    [
      'a section outside the image',
      (view) => view.setUint32(sectionTable + 40 + 8, 0x8000, true),
      /LOAD_ERROR.*section \.data ends at 0xa000/,
    ],
    [
      'sections that overlap',
      (view) => view.setUint32(sectionTable + 8, 0x1001, true),
      /LOAD_ERROR.*section \.data at 0x2000 overlaps section \.text/,
    ],
    [
      'an entry point outside',
      (view) => view.setUint32(optional + 16, 0x4000, true),
      /LOAD_ERROR.*entry/,
    ],
    [
      'a fix-up outside the image',
      (view) => view.setUint32(block, 0x3ffc, true),
      /LOAD_ERROR.*0x3ffc/,
    ],
    [
      'a block of 4 bytes',
      (view) => view.setUint32(block + 4, 4, true),
      /LOAD_ERROR.*block of 4 bytes/,
    ],
    [
      'a block beyond the directory',
      (view) => view.setUint32(block + 4, 16, true),
      /LOAD_ERROR.*16 bytes/,
    ],
    [
      'relocations outside the image',
      (view) => view.setUint32(optional + 112 + 5 * 8, 0x3ffa, true),
      /LOAD_ERROR.*relocations end at 0x4006/,
    ],
    [
      'sections that overlap, in whatever order',
      (view) => view.setUint32(sectionTable + 12, 0x3008, true),
      /LOAD_ERROR.*section \.text at 0x3008 overlaps section \.reloc/,
    ],
    ['an unknown fix-up', (view) => view.setUint16(block + 8, 0x9000, true), /UNSUPPORTED.*type 9/],
  ])('%s', (_what, change, message) => {
    expect(() => load(changed(change))).toThrow(message);
    // Where there is room for it makes no difference.
    expect(() => load(changed(change), Number(PE_FILE.imageBase))).toThrow(message);
  });
});

test('whatever a file holds, it is loaded or refused with a status', () => {
  const mutation = fc.tuple(fc.nat(0x27f), fc.nat(255));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 8 }), (mutations) => {
      const file = buildPeFile();
      for (const [at, value] of mutations) file[at < 0x200 ? at : at + 0x400] = value;
      expect(['loaded', 'refused']).toContain(outcome(file));
    }),
    { numRuns: 2000 },
  );
});

/** Whatever else is thrown is a bug, and goes on. */
function outcome(file: Uint8Array): 'loaded' | 'refused' {
  try {
    const image = parsePeImage(file);
    // the core allocates the image's pages before it lays it out: a huge one ends there
    if (image.sizeOfImage <= 0x10_0000) layOutPeImage(image, file, 0x10_0000);
    return 'loaded';
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    return 'refused';
  }
}
