import type { EfiFile, GuestBuffer } from '@dxelab/uefi';
import { SimpleFileSystemProtocol } from '@dxelab/uefi';
import { DiskWorld } from '../disk-world.ts';
import { FatDisk } from '../fat-disk.ts';
import type { Measurement } from '../figure.ts';
import { median, timed } from '../measure.ts';

const MIB = 2 ** 20;
const FILE_SIZE = 256 * MIB;
const READ_SIZE = MIB;
const ROUNDS = 9;

/** A large file through FAT, as a loader reads it: into guest memory, a MiB at a time. */
export function measure(): Measurement {
  const world = new DiskWorld(new FatDisk(FILE_SIZE));
  const volume = world.disk.open(SimpleFileSystemProtocol).openVolume();
  const file = volume.open('\\DATA.BIN', 'read');
  const buffer = world.guestBuffer(READ_SIZE);
  readWhole(file, buffer);
  const duration = median(
    Array.from({ length: ROUNDS }, () => timed(() => readWhole(file, buffer))),
  );
  return { value: (FILE_SIZE / MIB / duration) * 1000, unit: 'MiB/s', ratio: null };
}

function readWhole(file: EfiFile, buffer: GuestBuffer): void {
  file.setPosition(0);
  let total = 0;
  for (let count = file.read(buffer); count > 0; count = file.read(buffer)) total += count;
  if (total !== FILE_SIZE) throw new Error(`${total} bytes were read of ${FILE_SIZE}`);
}
