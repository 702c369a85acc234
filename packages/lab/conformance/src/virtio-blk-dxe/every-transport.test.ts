import { BlockIoProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VirtioMmio,
  VirtioPciLegacy,
  VirtioPciModern,
  VirtioPciTransitional,
} from '@dxelab/virtio-devices';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import type { BlkWorldOptions } from './blk-world.fixture.ts';
import { BlkWorld } from './blk-world.fixture.ts';

const MIB = 2 ** 20;
const SIZE = 64 * MIB;
const SECTORS_PER_MIB = MIB / 512;

/** All of them, in OVMF's order: which one a device gets is what is seen here. */
const DRIVERS: readonly DxeModule[] = [virtioPciDeviceDxe, virtio10Dxe, virtioBlkDxe, virtioFdtDxe];

type Plug = NonNullable<BlkWorldOptions['plug']>;
const TRANSPORTS: readonly (readonly [string, Plug])[] = [
  ['PCI legacy', (disk, options) => new VirtioPciLegacy(disk, options)],
  ['PCI modern', (disk, options) => new VirtioPciModern(disk, options)],
  ['PCI transitional', (disk, options) => new VirtioPciTransitional(disk, options)],
  ['MMIO version 1', (disk, options) => new VirtioMmio(disk, { ...options, version: 1 })],
  ['MMIO version 2', (disk, options) => new VirtioMmio(disk, { ...options, version: 2 })],
];

/** Bytes of which no two sectors are the same: each begins with its number and ends with `mark`. */
function numbered(mark: number): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < SIZE; at += 512) {
    view.setUint32(at, at / 512);
    view.setUint32(at + 508, mark);
  }
  return bytes;
}

describe.each(PROFILES)('VirtioBlkDxe drives a disk of 64 MiB, %s', (profile) => {
  test.each(TRANSPORTS)('%s: every sector, there and back', (_name, plug) => {
    const disk = numbered(1);
    const before = disk.slice();
    const after = numbered(2);
    const world = new BlkWorld({ profile, plug, disk, modules: DRIVERS });
    const blockIo = world.open();
    expect(blockIo.media).toMatchObject({ blockSize: 512, lastBlock: SIZE / 512 - 1 });

    const buffer = new Uint8Array(MIB);
    for (let mib = 0; mib < SIZE / MIB; mib += 1) {
      blockIo.readBlocks(0, mib * SECTORS_PER_MIB, buffer);
      expect(Buffer.compare(buffer, before.subarray(mib * MIB, (mib + 1) * MIB))).toBe(0);
      blockIo.writeBlocks(0, mib * SECTORS_PER_MIB, after.subarray(mib * MIB, (mib + 1) * MIB));
    }
    blockIo.flushBlocks();
    expect(Buffer.compare(disk, after)).toBe(0);

    world.bs.disconnectController(world.only(BlockIoProtocol));
    expect(world.has(BlockIoProtocol)).toBe(false);
    world.open().readBlocks(0, 17, buffer);
    expect(Buffer.compare(buffer, after.subarray(17 * 512, 17 * 512 + MIB))).toBe(0);

    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(world.findings).toEqual([]);
  });

  test.each(TRANSPORTS)('%s: nothing is left behind when it goes', (_name, plug) => {
    const world = new BlkWorld({ profile, plug, modules: DRIVERS });
    const disk = (): void => world.open().readBlocks(0, 0, new Uint8Array(4096));
    disk();
    world.bs.disconnectController(world.only(BlockIoProtocol));
    const before = world.freePages();
    disk();
    world.bs.disconnectController(world.only(BlockIoProtocol));
    expect(world.freePages()).toBe(before);
  });
});
