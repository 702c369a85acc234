import { VIRTIO_BLK_CONFIG } from '@dxelab/virtio';
import { virtioBlkDxeWith } from '@dxelab/virtio-blk-dxe';
import type { VirtioBlk } from '@dxelab/virtio-devices';
import { VirtioMmio, VirtioPciModern } from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { VIRTIO_RING_FEATURES } from '@dxelab/virtio-lib';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { expect, test } from 'vitest';
import type { BlkWorldOptions } from './blk-world.fixture.ts';
import { BlkWorld } from './blk-world.fixture.ts';

type Plug = NonNullable<BlkWorldOptions['plug']>;

/** In sectors of 512 bytes. */
const SIZE = 2048;
const SMALLER = 1024;

/** When the driver has read the size of a block, the disk gets other physical blocks, and is half as large. */
function worldOf(plug: Plug, blockSizeRead: RegExp, ring?: { wants: bigint }): BlkWorld {
  let change = (): void => {};
  let changes = 0;
  const changing = (disk: VirtioBlk): VirtioBlk => {
    const attach = disk.attach.bind(disk);
    disk.attach = (host) => {
      attach(host);
      change = () => {
        const view = new DataView(disk.config.buffer, disk.config.byteOffset);
        view.setUint32(VIRTIO_BLK_CONFIG.capacity, SMALLER, true);
        view.setUint8(VIRTIO_BLK_CONFIG.physicalBlockExp, 3);
        host.configChanged();
      };
    };
    return disk;
  };
  return new BlkWorld({
    blk: { topology: { physicalBlockExp: 0 } },
    modules: [virtio10Dxe, virtioBlkDxeWith(ring === undefined ? {} : { ring }), virtioFdtDxe],
    plug: (disk, options) => plug(changing(disk), options),
    onAccess: (access) => {
      if (blockSizeRead.test(access) && changes++ === 0) change();
    },
  });
}

test.each<readonly [string, Plug, RegExp]>([
  ['PCI modern', (disk, options) => new VirtioPciModern(disk, options), /^R32 device\+14 /],
  ['MMIO 2', (disk, options) => new VirtioMmio(disk, { ...options, version: 2 }), /^R32 @114 /],
])('%s: a configuration that changes while it is read is read again (§2.5.1)', (_name, ...how) => {
  const mixed = worldOf(...how).open().media;
  expect([mixed.lastBlock, mixed.logicalBlocksPerPhysicalBlock]).toEqual([SIZE - 1, 8]);

  const whole = worldOf(...how, { wants: VIRTIO_RING_FEATURES }).open().media;
  expect([whole.lastBlock, whole.logicalBlocksPerPhysicalBlock]).toEqual([SMALLER - 1, 8]);
});
