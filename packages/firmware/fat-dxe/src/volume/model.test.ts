import type { EfiFile } from '@dxelab/uefi';
import { EFI_FILE_DIRECTORY } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IN_ORDER, checkVolume } from '../testing/check-volume.fixture.ts';
import { MemoryDisk } from '../testing/memory-disk.fixture.ts';
import { makeVolume } from '../testing/mkfs.fixture.ts';
import { mount, sameBytes } from '../testing/mount.fixture.ts';
import { Model, steps } from '../testing/volume-model.fixture.ts';

/** The volume as a list of directories and files, walked with the driver. */
function contents(
  directory: EfiFile,
  path: string,
  into: Map<string, Uint8Array | undefined>,
): typeof into {
  for (let info = directory.readDirectory(); info; info = directory.readDirectory()) {
    const { fileName, attribute, fileSize } = info;
    if (fileName === '.' || fileName === '..') continue;
    const below = directory.open(fileName, 'read');
    if ((attribute & EFI_FILE_DIRECTORY) !== 0) {
      into.set(`${path}\\${fileName}`, undefined);
      contents(below, `${path}\\${fileName}`, into);
    } else {
      const content = new Uint8Array(fileSize);
      below.read(content);
      into.set(`${path}\\${fileName}`, content);
    }
    below.close();
  }
  return into;
}

function expectModel(found: ReadonlyMap<string, Uint8Array | undefined>, model: Model): void {
  expect([...found.keys()].map((path) => path.toUpperCase()).toSorted()).toEqual(
    [...model.files.keys()].toSorted(),
  );
  for (const [path, content] of found) {
    const expected = model.get(path);
    expect(path.endsWith(expected?.name ?? '?'), path).toBe(true);
    const same =
      content === undefined || expected?.content === undefined
        ? content === expected?.content
        : sameBytes(content, expected.content);
    expect(same, `content of ${path}`).toBe(true);
  }
}

describe.each(PROFILES)('a volume is a map of names to contents (%s)', (profile) => {
  // A gap holds what was there, which no model knows.
  const quirks = { 'FatDxe.GapNotZeroed': false };

  test.each(['FAT12', 'FAT16'] as const)(
    '%s: any row of calls, then a new mount, a check and a walk',
    (type) => {
      const empty = makeVolume({
        type,
        ...(type === 'FAT12' ? { sectorsPerCluster: 2 } : {}),
        rootEntries: 256,
      });
      fc.assert(
        fc.property(steps, (row) => {
          const disk = new MemoryDisk(empty.slice());
          const { root } = mount(disk, { profile, quirks });
          const model = new Model();
          for (const step of row) step(root, model);
          expectModel(contents(root.open('\\', 'read'), '', new Map()), model);
          const { files, ...check } = checkVolume(disk.bytes);
          expect(check).toEqual(IN_ORDER);
          expectModel(files, model);
          expectModel(contents(mount(disk, { profile, quirks }).root, '', new Map()), model);
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );

  test('FAT32', () => {
    const empty = makeVolume({ type: 'FAT32' });
    fc.assert(
      fc.property(steps, (row) => {
        const disk = new MemoryDisk(empty.slice());
        const { root } = mount(disk, { profile, quirks });
        const model = new Model();
        for (const step of row) step(root, model);
        const { files, ...check } = checkVolume(disk.bytes);
        expect(check).toEqual(IN_ORDER);
        expectModel(files, model);
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});
