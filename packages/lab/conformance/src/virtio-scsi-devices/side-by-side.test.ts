import { ExtScsiPassThruProtocol } from '@dxelab/uefi';
import type { EfiExtScsiPassThru } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { ImageFile } from '../qemu-machine/image-file.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { decode } from './decode.fixture.ts';
import type { Decoded } from './decode.fixture.ts';
import type { Difference } from './differences.fixture.ts';
import { DIFFERENCES } from './differences.fixture.ts';
import { send } from './initiator.fixture.ts';
import type { Place, Reading } from './readings.fixture.ts';
import { UNITS } from './readings.fixture.ts';
import { DISC_BYTES, DISK_BYTES, DISK_AT, ourChannel, qemuWorld } from './scsi-machines.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();

/** What one of the two says where they differ. */
interface Line {
  readonly reading: string;
  readonly name: string;
  readonly ours: string | undefined;
  readonly qemu: string | undefined;
}

/** Sends all to both, one after the other, and says where the answers differ. */
function compare(
  place: Place,
  readings: readonly Reading[],
  qemu: EfiExtScsiPassThru,
): readonly Line[] {
  const ours = ourChannel();
  return readings.flatMap(({ name: reading, command, decoder }) => {
    const [left, right] = [ours, qemu].map((channel): Decoded =>
      decode(send(channel, { ...place, ...command }), decoder),
    );
    const names = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
    return [...names]
      .map((name) => ({ reading, name, ours: left?.[name], qemu: right?.[name] }))
      .filter((line) => line.ours !== line.qemu);
  });
}

function covers({ unit, reading, names }: Difference, where: string, line: Line): boolean {
  const isThere = where.includes(unit) && line.reading.includes(reading);
  return isThere && (names === undefined || names.includes(line.name));
}

describe.skipIf(skip !== undefined)(
  `our SCSI units and QEMU’s, decoded side by side ${skip ?? ''}`,
  () => {
    const seen = new Set<Difference>();

    test.for(UNITS)('%s: what differs is known, with its reason', ([unit, place, readings]) => {
      using disk = new ImageFile(DISK_BYTES);
      using disc = new ImageFile(DISC_BYTES);
      using world = qemuWorld(disk, disc);
      const undeclared = compare(place, readings, world.open(ExtScsiPassThruProtocol)).filter(
        (line) => {
          const declared = DIFFERENCES.filter((difference) => covers(difference, unit, line));
          for (const difference of declared) seen.add(difference);
          return declared.length === 0;
        },
      );
      expect(undeclared).toEqual([]);
    });

    test('and there is no difference that is declared and not seen', () => {
      const unseen = DIFFERENCES.filter((difference) => !seen.has(difference));
      expect(unseen).toEqual([]);
    });
  },
);

describe.skipIf(skip !== undefined)(`how much was moved, on ours and on QEMU ${skip ?? ''}`, () => {
  test.for([
    ['INQUIRY with room for more: QEMU fills it with zeros', [0x12, 0, 0, 0, 96, 0], 96, 36, 96],
    ['a field that is refused: QEMU’s residual is 0', [0x12, 0, 5, 0, 96, 0], 96, 0, 96],
    ['READ (10) of a block into a block', [0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0], 512, 512, 512],
    ['READ (10) of two blocks into one', [0x28, 0, 0, 0, 0, 1, 0, 0, 2, 0], 512, 512, 512],
  ] as const)('%s', ([, cdb, room, ours, qemu]) => {
    using disk = new ImageFile(DISK_BYTES);
    using disc = new ImageFile(DISC_BYTES);
    using world = qemuWorld(disk, disc);
    const moved = [ourChannel(), world.open(ExtScsiPassThruProtocol)].map((channel) => {
      send(channel, { ...DISK_AT, cdb: [0, 0, 0, 0, 0, 0] });
      return send(channel, { ...DISK_AT, cdb, room }).data.length;
    });
    expect(moved).toEqual([ours, qemu]);
  });
});
