import type { GuestRam } from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import { VIRTIO_SCSI_CDB_SIZE, VIRTIO_SCSI_REQ } from '@dxelab/virtio';

/** Bytes of a request's header, the CDB included. */
export const REQUEST_SIZE: number = VIRTIO_SCSI_REQ.cdb + VIRTIO_SCSI_CDB_SIZE;

/** Locals, since every request passes here. */
const LUN = VIRTIO_SCSI_REQ.lun;
const ID = VIRTIO_SCSI_REQ.id;
const TASK_ATTR = VIRTIO_SCSI_REQ.taskAttr;
const CRN = VIRTIO_SCSI_REQ.crn;
const CDB = VIRTIO_SCSI_REQ.cdb;
const CDB_SIZE = VIRTIO_SCSI_CDB_SIZE;

/**
 * Writes a header: a simple task without priority (virtio §5.6.6.1). Word by word: so few bytes are
 * written sooner than a copy of them is begun.
 * @param lun as `virtioScsiLun` makes it
 * @param cdb of up to VIRTIO_SCSI_CDB_SIZE bytes; zeros follow
 */
export function writeRequestHeader(
  ram: GuestRam,
  at: PhysicalAddress,
  lun: number,
  id: number,
  cdb: Uint8Array,
): void {
  ram.writeUint32(at + LUN, lun);
  ram.writeUint32(at + LUN + 4, 0);
  ram.writeUint64(at + ID, id);
  ram.writeUint16(at + TASK_ATTR, 0);
  ram.writeUint8(at + CRN, 0);
  for (let offset = 0; offset < CDB_SIZE; offset += 4) {
    ram.writeUint32(at + CDB + offset, offset < cdb.length ? wordOf(cdb, offset) : 0);
  }
}

/** Four bytes, the first of which is the least significant; zeros beyond the end. */
function wordOf(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (low | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
