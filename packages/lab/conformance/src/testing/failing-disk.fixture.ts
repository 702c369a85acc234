import { createLab, virtioBlk, zeros } from '@dxelab/testing';
import { expect } from '@dxelab/testing/vitest';
import { BlockIoProtocol } from '@dxelab/uefi';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { test } from 'vitest';

test('a disk that fails a read is reported as a device error', () => {
  const disk = virtioBlk({ image: zeros('1 MiB'), status: 'IOERR' });
  const lab = createLab({ devices: [disk], drivers: [virtioBlkDxe] });
  const blk = lab.connect('PciRoot(0x0)/Pci(0x2,0x0)').open(BlockIoProtocol);
  expect(() => blk.readBlocks(0, 0, new Uint8Array(512))).toThrowEfi('EFI_DEVICE_ERROR');
  expect(lab.disconnect()).toHaveNoLeaks();
});
