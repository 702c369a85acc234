import type { EfiErrorStatus, EfiScsiRequestPacket, HostBuffer } from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL,
  EFI_EXT_SCSI_DATA_DIRECTION_READ,
  EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN,
  EfiError,
} from '@dxelab/uefi';
import { VIRTIO_SCSI_CDB_SIZE } from '@dxelab/virtio';
import { HIGHEST_LUN, HIGHEST_TARGET } from './virtio-scsi-config.ts';

const SECTOR_SIZE = 512;

/** OVMF's limit of one command, and ours, in bytes: 1 GiB. */
const LARGEST_TRANSFER = 0x4000_0000;

/** What a request is held against. */
export interface RequestLimits {
  readonly maxTarget: number;
  readonly maxLun: number;
  /** In sectors of 512 bytes. */
  readonly maxSectors: number;
  /** Whether VIRTIO_SCSI_F_INOUT was negotiated. */
  readonly bidirectional: boolean;
  readonly halfOfMaxSectors: boolean;
  readonly longTransfersUnsupported: boolean;
  readonly unaddressableUnsupported: boolean;
}

/**
 * Refuses what cannot be sent, in OVMF's order (VirtioScsi.c: PopulateRequest; UEFI §15.7.2).
 * @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER with an unchanged packet; EFI_BAD_BUFFER_SIZE with
 *   the lengths in it that could be moved
 */
export function checkRequest(
  limits: RequestLimits,
  target: number,
  lun: number,
  packet: EfiScsiRequestPacket,
): void {
  const { inTransferLength, outTransferLength, dataDirection, cdb } = packet;
  const isBidirectional = inTransferLength > 0 && outTransferLength > 0;
  const total = inTransferLength + outTransferLength;
  if (isBidirectional && !limits.bidirectional) {
    refuse('EFI_UNSUPPORTED', 'the device does not offer bidirectional commands');
  }
  if (limits.unaddressableUnsupported && (target > HIGHEST_TARGET || lun > HIGHEST_LUN)) {
    refuse('EFI_UNSUPPORTED', `target ${target}, LUN ${lun}: virtio cannot address them`);
  }
  if (cdb.length > VIRTIO_SCSI_CDB_SIZE) {
    refuse('EFI_UNSUPPORTED', `a CDB of ${cdb.length} bytes: 32 are expected at most`);
  }
  if (limits.longTransfersUnsupported && total > LARGEST_TRANSFER) {
    refuse('EFI_UNSUPPORTED', `${total} bytes: 1 GiB is expected at most`);
  }

  if (!isUpTo(target, limits.maxTarget) || !isUpTo(lun, limits.maxLun)) {
    const last = `target ${limits.maxTarget}, LUN ${limits.maxLun}`;
    refuse('EFI_INVALID_PARAMETER', `target ${target}, LUN ${lun}: the last are ${last}`);
  }
  if (!isUpTo(dataDirection, EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL)) {
    refuse('EFI_INVALID_PARAMETER', `${dataDirection} is no direction of data`);
  }
  const { inDataBuffer, outDataBuffer } = packet;
  const onlyOut = dataDirection === EFI_EXT_SCSI_DATA_DIRECTION_WRITE;
  const onlyIn = dataDirection === EFI_EXT_SCSI_DATA_DIRECTION_READ;
  if (!fits(inTransferLength, inDataBuffer, onlyOut)) {
    refuse('EFI_INVALID_PARAMETER', `${inTransferLength} bytes into ${described(inDataBuffer)}`);
  }
  if (!fits(outTransferLength, outDataBuffer, onlyIn)) {
    refuse(
      'EFI_INVALID_PARAMETER',
      `${outTransferLength} bytes out of ${described(outDataBuffer)}`,
    );
  }
  checkLength(limits, packet);
}

/** max_sectors is a hint about the whole of a transfer (virtio §5.6.4); OVMF takes half of it for each direction. */
function checkLength(limits: RequestLimits, packet: EfiScsiRequestPacket): void {
  const { inTransferLength, outTransferLength } = packet;
  if (limits.halfOfMaxSectors) {
    const most = Math.floor(limits.maxSectors / 2) * SECTOR_SIZE;
    if (inTransferLength <= most && outTransferLength <= most) return;
    packet.inTransferLength = most;
    packet.outTransferLength = most;
  } else {
    const most = Math.min(limits.maxSectors * SECTOR_SIZE, LARGEST_TRANSFER);
    if (inTransferLength + outTransferLength <= most) return;
    const isBidirectional = inTransferLength > 0 && outTransferLength > 0;
    const share = isBidirectional ? most / 2 : most;
    packet.inTransferLength = Math.min(inTransferLength, share);
    packet.outTransferLength = Math.min(outTransferLength, share);
  }
  packet.hostAdapterStatus = EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN;
  packet.targetStatus = 0;
  packet.senseDataLength = 0;
  refuse(
    'EFI_BAD_BUFFER_SIZE',
    `${inTransferLength} bytes in and ${outTransferLength} out are more than the device wants`,
  );
}

function isUpTo(value: number, limit: number): boolean {
  return value >= 0 && value <= limit && Number.isInteger(value);
}

/** Whether a buffer can take part in a transfer whose direction may forbid it. */
function fits(length: number, buffer: HostBuffer | undefined, forbidden: boolean): boolean {
  if (length === 0) return true;
  return !forbidden && buffer !== undefined && isUpTo(length, buffer.length);
}

function described(buffer: HostBuffer | undefined): string {
  return buffer === undefined
    ? 'no buffer'
    : `a buffer of ${buffer.length}, if the direction allows`;
}

function refuse(status: EfiErrorStatus, message: string): never {
  throw new EfiError(status, message);
}
