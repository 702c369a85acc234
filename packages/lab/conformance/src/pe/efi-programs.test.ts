import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { isTerminalSignal } from '@dxelab/platform';
import { LoadedImageProtocol, layOutPeImage, parsePeImage } from '@dxelab/uefi';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { PROGRAMS, missingPrograms, objdump } from './objdump.fixture.ts';

const missing = missingPrograms();
/** Far enough from where the programs were linked that every byte of an address can change. */
const BASE = 0x1_2345_6000;

/** A long comparison of bytes, told apart by the first place where they differ. */
function firstDifference(one: Uint8Array, other: Uint8Array): number | undefined {
  if (one.length !== other.length) return Math.min(one.length, other.length);
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at < 0 ? undefined : at;
}

function endOf(body: () => unknown) {
  try {
    body();
  } catch (caught) {
    if (isTerminalSignal(caught)) return caught;
    throw caught;
  }
  return undefined;
}

describe.skipIf(missing !== undefined)(`EFI programs of Debian ${missing ?? ''}`, () => {
  describe.each(PROGRAMS)('%s', (path) => {
    const file = missing === undefined ? new Uint8Array(readFileSync(path)) : new Uint8Array(0);

    test('the headers say what objdump reads in them', () => {
      const image = parsePeImage(file);
      const dump = objdump(path);
      expect(image.format).toBe('PE32+');
      expect(dump.field('Magic')).toBe(0x20b);
      expect(image.entryPoint).toBe(dump.field('AddressOfEntryPoint'));
      expect(Number(image.imageBase)).toBe(dump.field('ImageBase'));
      expect(image.sectionAlignment).toBe(dump.field('SectionAlignment'));
      expect(image.sizeOfImage).toBe(dump.field('SizeOfImage'));
      expect(image.sizeOfHeaders).toBe(dump.field('SizeOfHeaders'));
      expect(image.subsystem).toBe(dump.field('Subsystem'));
      expect(image.machine).toBe(0x8664);
    });

    test('the sections are those that objdump lists', () => {
      const image = parsePeImage(file);
      const dump = objdump(path);
      const base = Number(image.imageBase);
      expect(
        image.sections.map((section, index) => ({
          // A name of more than 8 characters stands in a string table that is not part of the image.
          name: section.name.startsWith('/') ? dump.sections[index]?.name : section.name,
          // What BFD calls the size is what comes from the file and is used in memory.
          size: Math.min(section.virtualSize, section.sizeOfRawData),
          address: base + section.virtualAddress,
          fileOffset: section.pointerToRawData,
        })),
      ).toEqual(dump.sections);
    });

    test('in memory stand the headers, the sections, and zeros between them', () => {
      const image = parsePeImage(file);
      const bytes = layOutPeImage(image, file, Number(image.imageBase));
      const dump = objdump(path);
      const expected = new Uint8Array(dump.field('SizeOfImage'));
      expected.set(file.subarray(0, dump.field('SizeOfHeaders')));
      for (const { address, fileOffset, size } of dump.sections) {
        const at = address - dump.field('ImageBase');
        expected.set(file.subarray(fileOffset, fileOffset + size), at);
      }
      expect(firstDifference(bytes, expected)).toBeUndefined();
    });

    test('what objdump calls a relocation moves with the image, and nothing else', () => {
      const image = parsePeImage(file);
      const { relocations } = objdump(path);
      const expected = layOutPeImage(image, file, Number(image.imageBase));
      const view = new DataView(expected.buffer);
      const moved = BigInt(BASE) - image.imageBase;
      for (const { address, kind } of relocations) {
        expect(['ABSOLUTE', 'DIR64']).toContain(kind);
        const at = address - Number(image.imageBase);
        if (kind === 'DIR64') view.setBigUint64(at, view.getBigUint64(at, true) + moved, true);
      }
      expect(firstDifference(layOutPeImage(image, file, BASE), expected)).toBeUndefined();
    });

    test.each(PROFILES)(
      'LoadImage puts it into guest RAM, StartImage hands over to it (%s)',
      (profile) => {
        const { platform } = createEmulatedMachine({ memory: 64 * 1024 * 1024 });
        const core = createDxeCore(platform, { modules: [], quirks: new Quirks(profile) });
        const bs = core.systemTable.bootServices;
        const handle = bs.loadImage(false, core.labImage, undefined, file);
        const { imageBase, imageSize } = bs.handleProtocol(handle, LoadedImageProtocol);
        const dump = objdump(path);
        expect(imageSize).toBe(dump.field('SizeOfImage'));

        const loaded = new Uint8Array(imageSize);
        platform.ram.readBytes(imageBase, loaded);
        const expected = layOutPeImage(parsePeImage(file), file, imageBase);
        expect(firstDifference(loaded, expected)).toBeUndefined();

        const end = endOf(() => bs.startImage(handle));
        expect(end?.kind).toBe('handed-over');
        expect(Number(end?.details['entryPoint'])).toBe(
          imageBase + dump.field('AddressOfEntryPoint'),
        );
        expect(end?.details['sha256']).toBe(createHash('sha256').update(file).digest('hex'));
      },
    );
  });

  test('one of the programs has relocations that matter', () => {
    const kinds = PROGRAMS.map((path) => objdump(path).relocations.map(({ kind }) => kind));
    expect(kinds.flat().filter((kind) => kind === 'DIR64').length).toBeGreaterThan(1000);
  });
});
