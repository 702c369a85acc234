import { ScsiDisk } from '@dxelab/scsi-targets';
import { BlockIoProtocol, ExtScsiPassThruProtocol, ScsiIoProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  MemoryBackend,
  VirtioMmio,
  VirtioPciLegacy,
  VirtioPciModern,
  VirtioPciTransitional,
} from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import type { ScsiDiskWorldOptions } from './disk-world.fixture.ts';
import { ScsiDiskWorld, numbered } from './disk-world.fixture.ts';

const MIB = 2 ** 20;
const SIZE = 16 * MIB;

type Plug = NonNullable<ScsiDiskWorldOptions['plug']>;
const TRANSPORTS: readonly (readonly [string, Plug])[] = [
  ['PCI legacy', (device, options) => new VirtioPciLegacy(device, options)],
  ['PCI modern', (device, options) => new VirtioPciModern(device, options)],
  ['PCI transitional', (device, options) => new VirtioPciTransitional(device, options)],
  ['MMIO version 1', (device, options) => new VirtioMmio(device, { ...options, version: 1 })],
  ['MMIO version 2', (device, options) => new VirtioMmio(device, { ...options, version: 2 })],
];

describe.each(PROFILES)('a SCSI disk of 16 MiB, %s', (profile) => {
  test.each(TRANSPORTS)('%s: every block, there and back', (_name, plug) => {
    const disk = numbered(SIZE, 1);
    const before = disk.slice();
    const after = numbered(SIZE, 2);
    const units = new ScsiDisk({ backend: new MemoryBackend(disk) });
    const world = new ScsiDiskWorld({ profile, plug, units });
    const blockIo = world.openDisk();
    expect(blockIo.media).toMatchObject({ blockSize: 512, lastBlock: SIZE / 512 - 1 });
    const { mediaId } = blockIo.media;

    const buffer = new Uint8Array(MIB);
    for (let at = 0; at < SIZE; at += MIB) {
      blockIo.readBlocks(mediaId, at / 512, buffer);
      expect(Buffer.compare(buffer, before.subarray(at, at + MIB))).toBe(0);
      blockIo.writeBlocks(mediaId, at / 512, after.subarray(at, at + MIB));
    }
    blockIo.flushBlocks();
    expect(Buffer.compare(disk, after)).toBe(0);

    const host = world.only(ExtScsiPassThruProtocol);
    world.bs.disconnectController(host);
    expect([BlockIoProtocol, ScsiIoProtocol].some((protocol) => world.has(protocol))).toBe(false);
    world.openDisk().readBlocks(mediaId, 17, buffer);
    expect(Buffer.compare(buffer, after.subarray(17 * 512, 17 * 512 + MIB))).toBe(0);

    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(world.findings).toEqual([]);
  });

  test.each(TRANSPORTS)('%s: nothing is left behind when it goes', (_name, plug) => {
    const units = new ScsiDisk({ backend: new MemoryBackend(numbered(MIB)) });
    const world = new ScsiDiskWorld({ profile, plug, units });
    const useOnce = (): number => {
      const blockIo = world.openDisk();
      blockIo.readBlocks(blockIo.media.mediaId, 0, new Uint8Array(4096));
      world.bs.disconnectController(world.only(ExtScsiPassThruProtocol));
      return world.freePages();
    };
    expect([useOnce(), useOnce()]).toHaveLength(2);
    expect(useOnce()).toBe(useOnce());
  });
});
