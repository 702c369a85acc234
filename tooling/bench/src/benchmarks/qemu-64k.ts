import { noise } from '../disk-world.ts';
import type { Measurement } from '../figure.ts';
import { median, timed } from '../measure.ts';
import { QemuDiskWorld } from '../qemu-disk-world.ts';

const SECTOR = 512;
const LENGTH = 64 * 1024;
const BLOCKS = LENGTH / SECTOR;
const SECTORS = (4 * 2 ** 20) / SECTOR;
/** Reads of one round, and how many rounds count. */
const BATCH = 500;
const ROUNDS = 9;

/** Reads of 64 KiB from QEMU's own virtio disk through BlockIo, into guest memory. */
export function measure(): Measurement {
  using world = new QemuDiskWorld(noise(SECTORS * SECTOR));
  const { blockIo } = world;
  const buffer = world.guestBuffer(LENGTH);
  let lba = 0;
  const read = (): void => {
    for (let count = 0; count < BATCH; count++) {
      blockIo.readBlocks(blockIo.media.mediaId, lba, buffer);
      lba = (lba + BLOCKS) % SECTORS;
    }
  };
  read();
  const duration = median(Array.from({ length: ROUNDS }, () => timed(read)));
  return { value: (BATCH * 1000) / duration, unit: 'reads/s', ratio: null };
}
