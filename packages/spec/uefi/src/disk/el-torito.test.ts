import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCdVolumeDescriptor, readElToritoCatalog } from './el-torito.ts';

function sector(
  ...parts: readonly (readonly [offset: number, bytes: string | readonly number[]])[]
): Uint8Array {
  const bytes = new Uint8Array(2048);
  for (const [offset, part] of parts) {
    bytes.set(typeof part === 'string' ? new TextEncoder().encode(part) : part, offset);
  }
  return bytes;
}

const entry = (media: number, count: number, rba: number): number[] => [
  0x88,
  media,
  0,
  0,
  0,
  0,
  count & 0xff,
  count >> 8,
  rba & 0xff,
  rba >> 8,
  0,
  0,
];
/** Platform 0xEF, the key, and the checksum with which the words sum to 0. */
function validation(): number[] {
  const bytes = [0x01, 0xef, ...Array.from({ length: 28 }, () => 0), 0x55, 0xaa];
  const checksum = 0x10000 - ((0xef01 + 0xaa55) & 0xffff);
  bytes[28] = checksum & 0xff;
  bytes[29] = checksum >> 8;
  return bytes;
}

describe('Volume descriptors of a CD (ISO 9660 §8)', () => {
  test.each<[string, Uint8Array, unknown]>([
    [
      'primary',
      sector([0, [1]], [1, 'CD001'], [80, [0x39, 0x30]]),
      { type: 'primary', volumeSpaceSize: 12345 },
    ],
    [
      'boot record',
      sector([0, [0]], [1, 'CD001'], [7, 'EL TORITO SPECIFICATION'], [71, [0x2a]]),
      { type: 'boot-record', catalog: 42 },
    ],
    [
      'boot record of another system',
      sector([0, [0]], [1, 'CD001'], [7, 'SOMETHING ELSE']),
      { type: 'other' },
    ],
    ['supplementary', sector([0, [2]], [1, 'CD001']), { type: 'other' }],
    ['terminator', sector([0, [255]], [1, 'CD001']), undefined],
    ['no descriptor', sector([1, 'NSR02']), undefined],
    ['half a sector', sector([1, 'CD001']).subarray(0, 1024), undefined],
  ])('%s', (_what, bytes, expected) => {
    expect(readCdVolumeDescriptor(bytes)).toEqual(expected);
  });
});

describe('Boot catalog (El Torito 1.0 §2)', () => {
  test('the initial entry is 0; others, of whichever section, count from 1', () => {
    const catalog = sector(
      [0, validation()],
      [32, entry(0, 4, 20)],
      [64, [0x91, 0xef, 1]],
      [96, entry(0x12, 5760, 30)],
      [128, [0, ...entry(0, 1, 40).slice(1)]],
      [160, entry(4, 1, 50)],
    );
    expect(readElToritoCatalog(catalog).value).toEqual([
      { bootEntry: 0, mediaType: 0, sectorCount: 4, loadRba: 20 },
      { bootEntry: 1, mediaType: 2, sectorCount: 5760, loadRba: 30 },
      { bootEntry: 2, mediaType: 4, sectorCount: 1, loadRba: 50 },
    ]);
  });

  test('an entry that begins in sector 0 is none', () => {
    expect(readElToritoCatalog(sector([0, validation()], [32, entry(0, 4, 0)])).value).toEqual([]);
  });

  test.each<[string, Uint8Array, string]>([
    ['no validation entry', sector([32, entry(0, 4, 20)]), 'expected a validation entry'],
    ['a wrong key', sector([0, [...validation().slice(0, 31), 0]]), 'expected a validation entry'],
    ['a wrong checksum', sector([0, validation()], [4, 'x']), 'sum to 0x78, not 0'],
    ['half a sector', new Uint8Array(1024), 'expected a sector of 2048 bytes, found 1024'],
  ])('rejected, and named: %s', (_what, bytes, problem) => {
    expect(readElToritoCatalog(bytes).problem).toContain(problem);
  });

  test('property: no sector fails to be read', () => {
    const anySector = fc.uint8Array({ minLength: 2048, maxLength: 2048 });
    fc.assert(
      fc.property(anySector, (bytes) => {
        bytes.set(validation());
        for (const { loadRba } of readElToritoCatalog(bytes).value ?? []) {
          expect(loadRba).toBeGreaterThan(0);
        }
        readCdVolumeDescriptor(bytes);
      }),
    );
  });
});
