import type { HostBuffer } from '@dxelab/uefi';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { BareRing } from '../bare-ring.ts';
import { DiskWorld, noise } from '../disk-world.ts';
import type { Measurement } from '../figure.ts';
import { compare } from '../measure.ts';

const MIB = 2 ** 20;
const SECTOR = 512;
/** What is read, from the first sector to the last and again. */
const RANGE = 4 * MIB;
const SECTORS = RANGE / SECTOR;
/** Operations between two looks at the clock. */
const BATCH = 500;

export interface ReadOptions {
  /** In bytes, whole sectors. */
  readonly length: number;
  /** Into a `Uint8Array` in place of guest memory. */
  readonly bounced?: boolean;
}

/** Reads through BlockIo and all below it, against a bare ring that copies the same bytes. */
export function measureReads({ length, bounced = false }: ReadOptions): Measurement {
  const disk = noise(RANGE);
  const world = new DiskWorld(new MemoryBackend(disk));
  const guest = world.guestBuffer(Math.max(length, 4096));
  const buffer: HostBuffer = bounced ? new Uint8Array(length) : { address: guest.address, length };
  const blocks = length / SECTOR;
  const { blockIo } = world;
  // Its RAM is as large as the machine's, and the data go to the same address.
  const ring = new BareRing(disk, world.lab.machine.ram.ranges[0]?.bytes.length ?? 0);
  // Two loops, alike: with one for both, V8 would inline neither of what they call.
  let lba = 0;
  const read = (): number => {
    for (let count = 0; count < BATCH; count++) {
      blockIo.readBlocks(0, lba, buffer);
      lba = (lba + blocks) % SECTORS;
    }
    return BATCH;
  };
  let sector = 0;
  const bare = (): number => {
    for (let count = 0; count < BATCH; count++) {
      ring.read(sector, guest.address, length);
      sector = (sector + blocks) % SECTORS;
    }
    return BATCH;
  };
  const { rate, baseline, ratio } = compare(read, bare);
  return {
    value: rate,
    unit: 'reads/s',
    ratio,
    notes: [`the bare ring: ${Math.round(baseline).toLocaleString('en-US')} reads/s`],
  };
}
