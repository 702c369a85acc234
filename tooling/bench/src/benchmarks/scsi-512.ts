import { ScsiDisk } from '@dxelab/scsi-targets';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { noise } from '../disk-world.ts';
import type { Measurement } from '../figure.ts';
import { compare } from '../measure.ts';
import { readLoop } from '../read-loop.ts';
import { ScsiWorld } from '../scsi-world.ts';

const SECTOR = 512;
const SECTORS = 8192;
const BATCH = 500;

/** `read-512` of a SCSI disk, in turn with that of a virtio disk. */
export function measure(): Measurement {
  const unit = new ScsiDisk({ backend: new MemoryBackend(noise(SECTORS * SECTOR)) });
  const world = new ScsiWorld([{ target: 0, lun: 0, unit }]);
  world.connect(true);
  const { blockIo } = world;
  const { mediaId } = blockIo.media;
  const buffer = { address: world.page().address, length: SECTOR };
  let lba = 0;
  const read = (): number => {
    for (let count = 0; count < BATCH; count++) {
      blockIo.readBlocks(mediaId, lba, buffer);
      lba = (lba + 1) % SECTORS;
    }
    return BATCH;
  };
  const { rate, baseline, ratio } = compare(read, readLoop());
  return {
    value: rate,
    unit: 'reads/s',
    ratio,
    notes: [`of a virtio disk: ${Math.round(baseline).toLocaleString('en-US')} reads/s`],
  };
}
