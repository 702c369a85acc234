import { EfiError } from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VIRTIO_SCSI_CONFIG } from '@dxelab/virtio';

/** How far virtio addresses reach: a byte for the target, 14 bits for a flat LUN (virtio §5.6.6.1). */
export const HIGHEST_TARGET = 0xff;
export const HIGHEST_LUN = 0x3fff;

/** PcdVirtioScsiMaxTargetLimit and PcdVirtioScsiMaxLunLimit (OvmfPkg.dec). */
const OVMF_HIGHEST_TARGET = 31;
const OVMF_HIGHEST_LUN = 7;

/** What a SCSI host device says about itself, checked (virtio §5.6.4). */
export interface VirtioScsiConfig {
  /** The highest target and logical unit that are used. */
  readonly maxTarget: number;
  readonly maxLun: number;
  /** How much a command should move, in sectors of 512 bytes. */
  readonly maxSectors: number;
}

/**
 * Reads the configuration.
 * @throws EFI_UNSUPPORTED for a device that this driver cannot use
 */
export function readVirtioScsiConfig(virtIo: VirtioDevice, quirks: Quirks): VirtioScsiConfig {
  const maxChannel = virtIo.readDevice(VIRTIO_SCSI_CONFIG.maxChannel, 2);
  // a virtio address has no room for a channel
  demand(maxChannel === 0, `max_channel ${maxChannel}: expected 0`);
  const numQueues = virtIo.readDevice(VIRTIO_SCSI_CONFIG.numQueues, 4);
  demand(numQueues >= 1, 'num_queues 0: expected a request queue');
  const maxTarget = virtIo.readDevice(VIRTIO_SCSI_CONFIG.maxTarget, 2);
  const maxLun = virtIo.readDevice(VIRTIO_SCSI_CONFIG.maxLun, 4);
  const maxSectors = virtIo.readDevice(VIRTIO_SCSI_CONFIG.maxSectors, 4);
  const fewest = quirks.has('VirtioScsiDxe.HalfOfMaxSectors') ? 2 : 1;
  demand(maxSectors >= fewest, `max_sectors ${maxSectors}: expected ${fewest} at least`);
  const few = quirks.has('VirtioScsiDxe.FewTargetsAndLuns');
  return {
    maxTarget: Math.min(maxTarget, few ? OVMF_HIGHEST_TARGET : HIGHEST_TARGET),
    maxLun: Math.min(maxLun, few ? OVMF_HIGHEST_LUN : HIGHEST_LUN),
    maxSectors,
  };
}

function demand(condition: boolean, message: string): void {
  if (!condition) throw new EfiError('EFI_UNSUPPORTED', message);
}
