import type { GuestRam } from '@dxelab/platform';
import type { EfiErrorStatus, EfiScsiRequestPacket, PhysicalAddress } from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_RESET,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND,
  EfiError,
} from '@dxelab/uefi';
import {
  VIRTIO_SCSI_RESP,
  VIRTIO_SCSI_S_BAD_TARGET,
  VIRTIO_SCSI_S_BUSY,
  VIRTIO_SCSI_S_FAILURE,
  VIRTIO_SCSI_S_OK,
  VIRTIO_SCSI_S_OVERRUN,
  VIRTIO_SCSI_S_RESET,
  VIRTIO_SCSI_SENSE_SIZE,
} from '@dxelab/virtio';

/** Bytes of a response, its sense data included. */
export const RESPONSE_SIZE: number = VIRTIO_SCSI_RESP.sense + VIRTIO_SCSI_SENSE_SIZE;

/** Before a request: what the device does not write is a failure. */
export function presetResponse(ram: GuestRam, at: PhysicalAddress): void {
  ram.fill(at, RESPONSE_SIZE, 0);
  ram.writeUint8(at + VIRTIO_SCSI_RESP.response, VIRTIO_SCSI_S_FAILURE);
}

/**
 * Puts what a device answered into the packet (VirtioScsi.c: ParseResponse).
 * @param written how many bytes the device says it wrote, or Infinity if that is not to be asked
 * @param residualUnclamped with VirtioScsiDxe.ResidualUnclamped
 * @returns the response: VIRTIO_SCSI_S_*
 * @throws EFI_DEVICE_ERROR if it wrote none
 */
export function readResponse(
  ram: GuestRam,
  at: PhysicalAddress,
  written: number,
  residualUnclamped: boolean,
  packet: EfiScsiRequestPacket,
): number {
  if (written < VIRTIO_SCSI_RESP.sense) {
    throw new EfiError('EFI_DEVICE_ERROR', `a response of ${written} bytes: 12 are expected`);
  }
  readSense(ram, at, written, packet);
  readResidual(ram.readUint32(at + VIRTIO_SCSI_RESP.residual), residualUnclamped, packet);
  packet.inTransferLength = Math.min(packet.inTransferLength, Math.max(written - RESPONSE_SIZE, 0));
  packet.targetStatus = ram.readUint8(at + VIRTIO_SCSI_RESP.status);
  const response = ram.readUint8(at + VIRTIO_SCSI_RESP.response);
  packet.hostAdapterStatus = hostAdapterStatus(response);
  return response;
}

/**
 * What PassThru says of a response (UEFI §15.7.2).
 * @throws EFI_TIMEOUT for a target that is not there, EFI_NOT_READY if it is busy, EFI_DEVICE_ERROR
 */
export function requireOk(response: number): void {
  if (response === VIRTIO_SCSI_S_OK) return;
  throw new EfiError(statusOf(response), `the device answered with response ${response}`);
}

function readSense(
  ram: GuestRam,
  at: PhysicalAddress,
  written: number,
  packet: EfiScsiRequestPacket,
): void {
  const { senseData } = packet;
  const room = Math.min(packet.senseDataLength, senseData?.length ?? 0);
  const there = Math.min(
    ram.readUint32(at + VIRTIO_SCSI_RESP.senseLen),
    VIRTIO_SCSI_SENSE_SIZE,
    written - VIRTIO_SCSI_RESP.sense,
  );
  packet.senseDataLength = Math.min(room, there);
  if (senseData === undefined || packet.senseDataLength === 0) return;
  ram.readBytes(at + VIRTIO_SCSI_RESP.sense, senseData.subarray(0, packet.senseDataLength));
}

/** What was not moved is missing from the incoming data first (virtio §5.6.6.1). */
function readResidual(residual: number, unclamped: boolean, packet: EfiScsiRequestPacket): void {
  if (residual === 0) return;
  const fromIn = Math.min(residual, packet.inTransferLength);
  packet.inTransferLength -= fromIn;
  const out = packet.outTransferLength - (residual - fromIn);
  // `>>> 0` is how a UINT32 wraps
  packet.outTransferLength = unclamped ? out >>> 0 : Math.max(out, 0);
}

function hostAdapterStatus(response: number): number {
  switch (response) {
    case VIRTIO_SCSI_S_OK:
    case VIRTIO_SCSI_S_BUSY:
      return EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK;
    case VIRTIO_SCSI_S_OVERRUN:
      return EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN;
    case VIRTIO_SCSI_S_BAD_TARGET:
      return EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND;
    case VIRTIO_SCSI_S_RESET:
      return EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_RESET;
    default:
      return EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER;
  }
}

function statusOf(response: number): EfiErrorStatus {
  if (response === VIRTIO_SCSI_S_BAD_TARGET) return 'EFI_TIMEOUT';
  return response === VIRTIO_SCSI_S_BUSY ? 'EFI_NOT_READY' : 'EFI_DEVICE_ERROR';
}
