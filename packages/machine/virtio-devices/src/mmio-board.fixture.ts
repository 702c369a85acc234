import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { SparseBackend, VirtioBlk, VirtioMmio, VirtioMmioBus } from './index.ts';

const mmio = new VirtioMmioBus();
const disk = new VirtioBlk({ backend: new SparseBackend(64 * 2 ** 20) });
const slot = mmio.plug(new VirtioMmio(disk, { version: 1 }));
export const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [mmio] });

/** [0x74726976, 1, 2]: "virt", the version, and the device type of a disk. */
export const found: number[] = [0, 4, 8].map((offset) =>
  platform.mmio.read32(mmio.addressOf(slot) + offset),
);
