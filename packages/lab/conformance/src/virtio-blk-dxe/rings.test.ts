import { BlockIoProtocol, EFI_RNG_ALGORITHM_RAW, RngProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { virtioBlkDxeWith } from '@dxelab/virtio-blk-dxe';
import {
  VirtioMmio,
  VirtioPciLegacy,
  VirtioPciModern,
  VirtioPciTransitional,
  VirtioRng,
} from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { virtioRngDxeWith } from '@dxelab/virtio-rng-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import { isLegacy, ringOn, RINGS } from '../virtio-lib/rings.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';
import type { BlkWorldOptions } from './blk-world.fixture.ts';
import { BlkWorld } from './blk-world.fixture.ts';

type Plug = NonNullable<BlkWorldOptions['plug']>;
const TRANSPORTS: readonly (readonly [string, Plug])[] = [
  ['PCI legacy', (disk, options) => new VirtioPciLegacy(disk, options)],
  ['PCI modern', (disk, options) => new VirtioPciModern(disk, options)],
  ['PCI transitional', (disk, options) => new VirtioPciTransitional(disk, options)],
  ['MMIO version 1', (disk, options) => new VirtioMmio(disk, { ...options, version: 1 })],
  ['MMIO version 2', (disk, options) => new VirtioMmio(disk, { ...options, version: 2 })],
];

const driven = (blk: DxeModule): readonly DxeModule[] => [
  virtioPciDeviceDxe,
  virtio10Dxe,
  blk,
  virtioFdtDxe,
];

describe.each(PROFILES)('VirtioBlkDxe on the ring that was negotiated, %s', (profile) => {
  describe.each(TRANSPORTS)('%s', (name, plug) => {
    test.each(RINGS)('%s', (_ring, offered) => {
      const world = new BlkWorld({
        profile,
        plug,
        modules: driven(virtioBlkDxeWith({ ring: ringOn(name, profile) })),
        transport: isLegacy(name) ? {} : { ring: offered },
      });
      const blockIo = world.open();
      const buffer = new Uint8Array(8192);
      for (let round = 0; round < 40; round += 1) {
        blockIo.readBlocks(0, round, buffer);
        expect(world.holds(buffer, round * 512)).toBe(true);
        buffer.fill(round);
        blockIo.writeBlocks(0, 1000 + round, buffer);
        expect(world.holds(buffer, (1000 + round) * 512)).toBe(true);
      }
      blockIo.flushBlocks();
      blockIo.reset(true);
      blockIo.readBlocks(0, 5, buffer);
      expect(world.holds(buffer, 5 * 512)).toBe(true);
      world.bs.disconnectController(world.only(BlockIoProtocol));
      expect(world.findings).toEqual([]);
    });
  });
});

describe.each(RINGS)('VirtioRngDxe, %s', (_name, offered) => {
  test('entropy comes, and nothing is left behind', () => {
    const model = new VirtioRng();
    const world = new VirtioWorld(new VirtioPciModern(model, { ring: offered }), {
      modules: [virtio10Dxe, virtioRngDxeWith({ ring: ringOn('PCI modern', 'specification') })],
    });
    world.connectAll();
    const bytes = new Uint8Array(5000);
    world.openOnly(RngProtocol).getRng(EFI_RNG_ALGORITHM_RAW, bytes);
    expect(new Set(bytes).size).toBeGreaterThan(200);
    world.bs.disconnectController(world.only(RngProtocol));
    expect(world.findings).toEqual([]);
  });
});
