import {
  VIRTIO_SCSI_CDB_SIZE,
  VIRTIO_SCSI_CONFIG,
  VIRTIO_SCSI_CONFIG_SIZE,
  VIRTIO_SCSI_EVENT,
  VIRTIO_SCSI_F_CHANGE,
  VIRTIO_SCSI_F_HOTPLUG,
  VIRTIO_SCSI_F_INOUT,
  VIRTIO_SCSI_SENSE_SIZE,
} from '@dxelab/virtio';
import type { VirtioScsiSettings } from './virtio-scsi-options.ts';

/** The features that a SCSI host offers (virtio §5.6.3). */
export function virtioScsiFeatures(settings: VirtioScsiSettings): bigint {
  return (
    (settings.inout ? VIRTIO_SCSI_F_INOUT : 0n) |
    (settings.hotplug ? VIRTIO_SCSI_F_HOTPLUG : 0n) |
    (settings.paramChange ? VIRTIO_SCSI_F_CHANGE : 0n)
  );
}

/** The device configuration as it is after a reset (virtio §5.6.4). */
export function virtioScsiConfig(settings: VirtioScsiSettings): Uint8Array {
  const fields = {
    numQueues: settings.requestQueues,
    segMax: settings.segMax,
    maxSectors: settings.maxSectors,
    cmdPerLun: settings.cmdPerLun,
    eventInfoSize: VIRTIO_SCSI_EVENT.size,
    senseSize: VIRTIO_SCSI_SENSE_SIZE,
    cdbSize: VIRTIO_SCSI_CDB_SIZE,
    maxChannel: 0,
    maxTarget: settings.maxTarget,
    maxLun: settings.maxLun,
    ...settings.claims,
  };
  const at = VIRTIO_SCSI_CONFIG;
  const bytes = new Uint8Array(VIRTIO_SCSI_CONFIG_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(at.numQueues, fields.numQueues, true);
  view.setUint32(at.segMax, fields.segMax, true);
  view.setUint32(at.maxSectors, fields.maxSectors, true);
  view.setUint32(at.cmdPerLun, fields.cmdPerLun, true);
  view.setUint32(at.eventInfoSize, fields.eventInfoSize, true);
  view.setUint32(at.senseSize, fields.senseSize, true);
  view.setUint32(at.cdbSize, fields.cdbSize, true);
  view.setUint16(at.maxChannel, fields.maxChannel, true);
  view.setUint16(at.maxTarget, fields.maxTarget, true);
  view.setUint32(at.maxLun, fields.maxLun, true);
  return bytes;
}
