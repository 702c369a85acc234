import { crc32 } from 'node:zlib';
import type { BootReport } from '@dxelab/scenario';
import { boot, defineScenario, prepareLive } from '@dxelab/scenario';
import { TraceRecorder } from '@dxelab/trace';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { DescriptorChain } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { after } from '../demo/history-2013/after.ts';
import { before } from '../demo/history-2013/before.ts';
import { checksum } from '../demo/history-2013/checksum.ts';
import { encrypted, plain } from '../demo/history-2013/medium.ts';
import { ParallelDisk } from '../demo/history-2013/parallel-disk.ts';

/** What 64 sectors from 585792 on hold, made without the disk. */
function rightChecksum(): string {
  const sectors = Array.from({ length: 64 }, (_, index) =>
    `This is sector ${585_792 + index}, as it always was. `.repeat(13).slice(0, 512),
  );
  return crc32(sectors.join('')).toString(16).toUpperCase().padStart(8, '0');
}

const RIGHT = rightChecksum();

/** What one read of the checksum driver came to, by the trace. */
interface Read {
  /** As the driver numbers them, without the names: `head next` of each descriptor. */
  readonly appended: readonly string[];
  readonly heads: readonly number[];
  readonly used: readonly number[];
  /** How many reads the disk was working on at once. */
  readonly atOnce: number;
  /** Whether each piece was decrypted once after it was last loaded: what the order of events says. */
  readonly foretold: boolean;
  readonly crc32: string;
}

/** Of the events that are looked at. */
interface Fields {
  readonly message?: string;
  readonly head?: number;
  readonly piece?: number;
}

interface Run {
  readonly report: BootReport;
  readonly trace: TraceRecorder;
  readonly reads: readonly Read[];
}

interface RunOptions {
  /** In the order of the firmware volume; empty: OVMF's own, on the real VirtioLib. */
  readonly drivers?: readonly DxeModule[];
  readonly disk: () => ParallelDisk;
  readonly profile?: Profile;
  readonly seed?: number;
}

function run({ drivers = [], disk, profile = 'specification', seed = 2013 }: RunOptions): Run {
  const scenario = defineScenario({
    machine: {
      memory: '64 MiB',
      seed,
      devices: [{ custom: { device: disk, transport: 'pci-legacy', slot: '00:02.0' } }],
    },
    firmware: { profile, drivers: ['ovmf', ...drivers, checksum] },
    steps: [{ connect: 'PciRoot(0x0)/Pci(0x2,0x0)' }],
  });
  const trace = new TraceRecorder();
  const report = boot(prepareLive(scenario), { trace });
  expect(report.outcome.kind).toBe('completed');
  return { report, trace, reads: readsIn(trace) };
}

/** The trace, cut where the checksum driver says what a read came to. */
function readsIn({ records }: TraceRecorder): readonly Read[] {
  const reads: Read[] = [];
  let [appended, heads, used]: [string[], number[], number[]] = [[], [], []];
  let [working, atOnce] = [0, 0];
  let decrypted = new Map<number, number>();
  for (const { name, fields } of records) {
    const { message = '', head = -1, piece = -1 }: Fields = fields;
    if (name === 'virtqueue_pop') heads.push(head);
    if (name === 'virtqueue_push') used.push(head);
    if (name === 'bdrv_aio_readv') atOnce = Math.max(atOnce, ++working);
    if (name === 'bdrv_aio_complete') working--;
    if (name === 'disk_load') decrypted.set(piece, 0);
    if (name === 'disk_decrypt') decrypted.set(piece, (decrypted.get(piece) ?? 0) + 1);
    const descriptor = /VirtioAppendDesc .*Head=(?<head>\d+) Next=(?<next>\d+)/.exec(message);
    if (descriptor !== null) {
      appended.push(`${descriptor.groups?.['head']} ${descriptor.groups?.['next']}`);
    }
    const [, sum] = /SynchronousRequest .*Crc32=(.*)/.exec(message) ?? [];
    if (sum === undefined) continue;
    const foretold = [...decrypted.values()].every((times) => times === 1);
    reads.push({ appended, heads, used, atOnce, foretold, crc32: sum });
    [appended, heads, used, atOnce, decrypted] = [[], [], [], 0, new Map()];
  }
  return reads;
}

const copying = (): ParallelDisk => new ParallelDisk(plain);
const inPlace = (): ParallelDisk => new ParallelDisk(encrypted);

/** Whose VirtioLib, what the disk does, how often a read is submitted, whether its data are right. */
type Row = readonly [string, string, readonly DxeModule[], () => ParallelDisk, number, boolean];

const TABLE: readonly Row[] = [
  ['of before 2013', 'copies', [before], copying, 3, true],
  ['of before 2013', 'works in place', [before], inPlace, 3, false],
  ['as it is', 'copies', [after], copying, 1, true],
  ['as it is', 'works in place', [after], inPlace, 1, true],
  ["in OVMF's VirtioBlkDxe", 'copies', [], copying, 1, true],
  ["in OVMF's VirtioBlkDxe", 'works in place', [], inPlace, 1, true],
];

describe.each(PROFILES)('one head, one submission (virtio §2.7.13), %s', (profile) => {
  test.each(TABLE)(
    'VirtioLib %s and a disk that %s',
    (_library, _does, drivers, disk, submitted, right) => {
      const { reads, report } = run({ drivers, disk, profile });
      expect(reads).toHaveLength(3);
      // each head that is made available again, while the device has it, is a broken rule
      const found = new Set(report.findings.map(({ rule, count }) => `${count} × ${rule}`));
      expect([...found]).toEqual(submitted === 1 ? [] : ['2 × virtio-1.4 2.7.13']);
      for (const { heads, used, atOnce, crc32: sum } of reads) {
        expect(new Set(heads).size).toBe(1);
        expect(heads).toHaveLength(submitted);
        expect(used).toEqual(heads);
        expect(atOnce).toBe(submitted);
        expect(sum === RIGHT).toBe(right);
      }
    },
  );

  test('the library of before 2013 goes on along the table, the real one begins at 0', () => {
    const appended = (driver: DxeModule) =>
      run({ drivers: [driver], disk: copying, profile }).reads.map((read) => read.appended);
    expect(appended(before)).toEqual([
      ['0 0', '0 1', '0 2'],
      ['3 3', '3 4', '3 5'],
      ['6 6', '6 7', '6 8'],
    ]);
    expect(appended(after)).toEqual(Array.from({ length: 3 }, () => ['0 0', '0 1', '0 2']));
  });
});

describe('three submissions of one chain', () => {
  /** The disk, and where each of its reads goes. */
  class WatchedDisk extends ParallelDisk {
    readonly targets: number[] = [];
    override handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending' {
      this.targets.push(chain.segment(chain.readableCount).address);
      return super.handleChain(queueIndex, chain);
    }
  }

  test.each([
    ['before', before, 3],
    ['after', after, 1],
  ] as const)('%s: so many reads at once go into one buffer', (_name, driver, submitted) => {
    const disk = new WatchedDisk(encrypted);
    const { trace, reads } = run({ drivers: [driver], disk: () => disk });
    expect(reads.map(({ atOnce }) => atOnce)).toEqual([submitted, submitted, submitted]);
    // the checksum driver comes first, and reads into the same buffer each time
    const targets = disk.targets.slice(0, 3 * submitted);
    expect(new Set(targets).size).toBe(1);
    const [buffer = 0] = targets;

    // as the driver says it: address, size, flags, head and next of each descriptor
    const said = trace
      .of('debug')
      .filter(({ fields }) => fields.message.startsWith('VirtioAppendDesc'));
    const first = said.slice(0, 3).map(({ fields }) => fields.message.replace(/Head=.*/u, ''));
    expect(first).toEqual([
      expect.stringMatching(/^VirtioAppendDesc PhysAddr=[0-9A-F]+ Size=16 Flags=1 $/u),
      `VirtioAppendDesc PhysAddr=${buffer.toString(16).toUpperCase()} Size=32768 Flags=3 `,
      expect.stringMatching(/^VirtioAppendDesc PhysAddr=[0-9A-F]+ Size=1 Flags=2 $/u),
    ]);
  });
});

describe('what corrupts the data', () => {
  const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);

  test.each(SEEDS)('is the interleaving: seed %i, and the order of steps foretells it', (seed) => {
    const { reads } = run({ drivers: [before], disk: inPlace, seed });
    for (const { foretold, crc32: sum } of reads) expect(sum === RIGHT).toBe(foretold);
    // now and then one is right, by luck
    expect(reads.filter((read) => read.crc32 !== RIGHT).length).toBeGreaterThan(1);
    expect(new Set(reads.map((read) => read.crc32)).size).toBe(3);
  });

  test('is the interleaving alone: whoever takes all three, and reads one after the other, is right', () => {
    const oneByOne = (): ParallelDisk => new ParallelDisk(encrypted, 1);
    for (const { heads, atOnce, crc32: sum } of run({ drivers: [before], disk: oneByOne }).reads) {
      expect([heads.length, atOnce, sum]).toEqual([3, 1, RIGHT]);
    }
  });

  test('is the same in each run of the same seed, event by event', () => {
    const records = () => run({ drivers: [before], disk: inPlace }).trace.records;
    expect(records()).toEqual(records());
  });
});
