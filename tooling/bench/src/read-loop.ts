import type { VirtioInput } from '@dxelab/scenario';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { DiskWorld, noise } from './disk-world.ts';

const SECTOR = 512;
const SECTORS = 8192;
const BATCH = 500;

/**
 * A machine of its own, and what reads a batch of its sectors into guest memory.
 * @param attachment of its disk; default: PCI modern
 */
export function readLoop(attachment: VirtioInput = {}): () => number {
  const world = new DiskWorld(new MemoryBackend(noise(SECTORS * SECTOR)), attachment);
  const { blockIo } = world;
  const buffer = { address: world.guestBuffer(4096).address, length: SECTOR };
  let lba = 0;
  return () => {
    for (let count = 0; count < BATCH; count++) {
      blockIo.readBlocks(0, lba, buffer);
      lba = (lba + 1) % SECTORS;
    }
    return BATCH;
  };
}
