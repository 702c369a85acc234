import type { EfiErrorStatus } from '@dxelab/uefi';
import { TPL_APPLICATION } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiskBench, bench, statusOf, unit } from './disk-bench.fixture.ts';
import type { ScriptedAnswer, ScriptedUnit } from './scripted-unit.fixture.ts';

const STATUSES: readonly EfiErrorStatus[] = [
  'EFI_BAD_BUFFER_SIZE',
  'EFI_NOT_READY',
  'EFI_DEVICE_ERROR',
  'EFI_INVALID_PARAMETER',
  'EFI_UNSUPPORTED',
  'EFI_TIMEOUT',
];

const CODES = [0x00, 0x12, 0x03, 0x25, 0x9e, 0x5a, 0x1a, 0x28, 0x2a, 0x35] as const;

/** Whatever a unit or its channel could answer. */
const anyAnswer: fc.Arbitrary<ScriptedAnswer> = fc.record(
  {
    to: fc.constantFrom(...CODES),
    times: fc.integer({ min: 1, max: 12 }),
    status: fc.constantFrom(0x00, 0x02, 0x04, 0x08, 0x10, 0x18, 0x28, 0x30, 0x40, 0xff),
    sense: fc.tuple(
      fc.nat(15),
      fc.constantFrom(0, 0x0401, 0x0402, 0x1100, 0x2800, 0x2900, 0x2a09, 0x3a00),
    ),
    hostAdapterStatus: fc.constantFrom(0, 0, 0x09, 0x0b, 0x0e, 0x12, 0x13, 0x14, 0x7f, 0xff),
    throws: fc.constantFrom(...STATUSES),
    length: fc.nat(2000),
    data: fc.uint8Array({ maxLength: 300 }),
  },
  { requiredKeys: ['to'] },
);

/** What BlockIo may end with (UEFI §13.9). */
const ALLOWED = [
  'EFI_SUCCESS',
  'EFI_DEVICE_ERROR',
  'EFI_NO_MEDIA',
  'EFI_MEDIA_CHANGED',
  'EFI_WRITE_PROTECTED',
  'EFI_BAD_BUFFER_SIZE',
  'EFI_INVALID_PARAMETER',
];

/** What a start may end with (UEFI §11.1). */
const ALLOWED_AT_START = ['EFI_SUCCESS', 'EFI_DEVICE_ERROR', 'EFI_UNSUPPORTED'];

function start(profile: Profile, scripted: ScriptedUnit) {
  let world: DiskBench | undefined;
  const status = statusOf(() => {
    world = new DiskBench(profile, scripted);
  });
  return { status, world };
}

describe('whatever a unit answers', () => {
  test.each(PROFILES)('property, %s: every service ends, with a status of its own', (profile) => {
    fc.assert(
      fc.property(
        fc.array(anyAnswer, { maxLength: 8 }),
        fc.array(anyAnswer, { maxLength: 8 }),
        fc.boolean(),
        (early, late, removable) => {
          const scripted = unit({ removable }).script(...early);
          const started = start(profile, scripted);
          expect(ALLOWED_AT_START).toContain(started.status);
          const { world } = started;
          if (world === undefined) return;
          scripted.script(...late);
          const { disk } = world;
          for (let round = 0; round < 4; round++) {
            const blocks = new Uint8Array(Math.min(disk.media.blockSize, 0x8000) * 4);
            const services = [
              () => disk.readBlocks(disk.media.mediaId, 1, blocks),
              () => disk.writeBlocks(disk.media.mediaId, 1, blocks),
              () => disk.flushBlocks(),
              () => disk.reset(true),
            ];
            for (const service of services) expect(ALLOWED).toContain(statusOf(service));
          }
          expect([world.tpl, world.events]).toEqual([TPL_APPLICATION, 0]);
        },
      ),
    );
  });

  test('property: what is written is read again, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 512, max: 6000 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 0, max: 255 }),
        (maximumTransferLength, tooLong, lba, blocks, value) => {
          const { disk, unit: scripted } = bench('specification', { maximumTransferLength });
          const data = Uint8Array.from({ length: blocks * 512 }, (_, at) => value + (at >> 9));
          scripted.script({ to: 0x2a, throws: 'EFI_BAD_BUFFER_SIZE', length: tooLong });
          scripted.script({ to: 0x28, length: 700 }, { to: 0x28, sense: [6, 0x2900] });
          const status = statusOf(() => disk.writeBlocks(1, lba, data));
          // What the channel says is no less than was asked for: nothing can be learnt from it.
          const most = Math.min(maximumTransferLength, blocks);
          expect(status).toBe(tooLong >= most * 512 ? 'EFI_DEVICE_ERROR' : 'EFI_SUCCESS');
          if (status !== 'EFI_SUCCESS') return;
          const back = new Uint8Array(data.length);
          disk.readBlocks(1, lba, back);
          expect(back).toEqual(data);
        },
      ),
    );
  });
});
