import type { GuestRam } from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import { VIRTIO_SCSI_CDB_SIZE, VIRTIO_SCSI_REQ } from '@dxelab/virtio';

/** Bytes of a request's header, the CDB included. */
export const REQUEST_SIZE: number = VIRTIO_SCSI_REQ.cdb + VIRTIO_SCSI_CDB_SIZE;

/**
 * Writes a header: a simple task without priority (virtio §5.6.6.1).
 * @param lun as `virtioScsiLun` makes it
 */
export function writeRequestHeader(
  ram: GuestRam,
  at: PhysicalAddress,
  lun: number,
  id: number,
  cdb: Uint8Array,
): void {
  ram.fill(at, REQUEST_SIZE, 0);
  ram.writeUint32(at + VIRTIO_SCSI_REQ.lun, lun);
  ram.writeUint64(at + VIRTIO_SCSI_REQ.id, id);
  ram.writeBytes(at + VIRTIO_SCSI_REQ.cdb, cdb);
}
