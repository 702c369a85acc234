import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { qemuVirtioScsi } from '@dxelab/qemu-machine';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import type { EfiExtScsiPassThru } from '@dxelab/uefi';
import { ExtScsiPassThruProtocol, PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { MemoryBackend, OverlayBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';
import type { ImageFile } from '../qemu-machine/image-file.fixture.ts';
import { pattern } from '../qemu-machine/image-file.fixture.ts';
import { QemuWorld } from '../qemu-machine/qemu-world.fixture.ts';

/** Who the units say they are, on both machines alike. */
const DISK = { vendor: 'ACME', product: 'Disk', serial: 'D-1' } as const;
const DISC = { vendor: 'ACME', product: 'Disc', serial: 'C-1' } as const;
const REVISION = '2.5';
const WWN = 0x5000_c500_a1b2_c3d4n;

/** Where they are. */
export const DISK_AT = { target: 0, lun: 0 } as const;
export const READ_ONLY_AT = { target: 0, lun: 300 } as const;
export const DISC_AT = { target: 1, lun: 0 } as const;
export const EMPTY_AT = { target: 2, lun: 0 } as const;

export const DISK_BYTES: Uint8Array = pattern(2 ** 20);
export const DISC_BYTES: Uint8Array = pattern(2 ** 21);

/** Drivers that would take the units for themselves. */
const WITHOUT = ['ScsiBus', 'ScsiDisk', 'ScsiBusDxe', 'ScsiDiskDxe'];

/** Our machine with our SCSI host: a disk, one that cannot be written, a disc, and an empty drive. */
export function ourChannel(): EfiExtScsiPassThru {
  const disk = new ScsiDisk({
    ...DISK,
    revision: REVISION,
    wwn: WWN,
    backend: new OverlayBackend(new MemoryBackend(DISK_BYTES)),
  });
  const readOnly = new ScsiDisk({
    ...DISK,
    revision: REVISION,
    readOnly: true,
    backend: new MemoryBackend(DISK_BYTES),
  });
  const disc = new ScsiCdRom({
    ...DISC,
    revision: REVISION,
    backend: new MemoryBackend(DISC_BYTES),
  });
  const host = new VirtioScsi({
    units: [
      { ...DISK_AT, unit: disk },
      { ...READ_ONLY_AT, unit: readOnly },
      { ...DISC_AT, unit: disc },
      { ...EMPTY_AT, unit: new ScsiCdRom({ ...DISC, revision: REVISION }) },
    ],
  });
  const pci = new PciHostBridge();
  pci.plug('02.0', new VirtioPciModern(host));
  const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [pci] });
  const core = createDxeCore(platform, {
    modules: ovmf().filter(({ name }) => !WITHOUT.includes(name)),
    quirks: new Quirks('specification'),
  });
  core.dispatch();
  const bs = core.systemTable.bootServices;
  const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
  for (const root of bs.locateHandleBuffer(all)) {
    bs.connectController(root, undefined, undefined, true);
  }
  return bs.locateProtocol(ExtScsiPassThruProtocol);
}

/** The same on a real QEMU. */
export function qemuWorld(disk: ImageFile, disc: ImageFile): QemuWorld {
  const diskNames = { vendor: DISK.vendor, product: DISK.product, serial: DISK.serial };
  const discNames = { vendor: DISC.vendor, product: DISC.product, serial: DISC.serial };
  const host = qemuVirtioScsi({
    transport: 'pci-modern',
    slot: '02.0',
    units: [
      {
        type: 'disk',
        ...DISK_AT,
        image: { path: disk.path, access: 'discard' },
        properties: { ...diskNames, ver: REVISION, wwn: WWN.toString() },
      },
      {
        type: 'disk',
        ...READ_ONLY_AT,
        image: { path: disk.path, access: 'read-only' },
        properties: { ...diskNames, ver: REVISION },
      },
      {
        type: 'cdrom',
        ...DISC_AT,
        image: { path: disc.path, access: 'read-only' },
        properties: { ...discNames, ver: REVISION },
      },
      { type: 'cdrom', ...EMPTY_AT, properties: { ...discNames, ver: REVISION } },
    ],
  });
  return new QemuWorld({ devices: [host], without: WITHOUT }).connect();
}
