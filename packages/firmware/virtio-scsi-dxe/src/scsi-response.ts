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

/** Locals, since every response passes here. */
const SENSE_LEN = VIRTIO_SCSI_RESP.senseLen;
const RESIDUAL = VIRTIO_SCSI_RESP.residual;
const QUALIFIER = VIRTIO_SCSI_RESP.statusQualifier;
const SENSE = VIRTIO_SCSI_RESP.sense;
const FAILURE = VIRTIO_SCSI_S_FAILURE;

/** Before a request: what the device does not write is a failure, without sense data. */
export function presetResponse(ram: GuestRam, at: PhysicalAddress): void {
  ram.writeUint32(at + SENSE_LEN, 0);
  ram.writeUint32(at + RESIDUAL, 0);
  // qualifier, status and response
  ram.writeUint32(at + QUALIFIER, FAILURE << 24);
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
  if (written < SENSE) {
    throw new EfiError('EFI_DEVICE_ERROR', `a response of ${written} bytes: 12 are expected`);
  }
  readSense(ram, at, written, packet);
  readResidual(ram.readUint32(at + RESIDUAL), residualUnclamped, packet);
  packet.inTransferLength = Math.min(packet.inTransferLength, Math.max(written - RESPONSE_SIZE, 0));
  const codes = ram.readUint32(at + QUALIFIER);
  packet.targetStatus = (codes >>> 16) & 0xff;
  const response = codes >>> 24;
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
  const there = ram.readUint32(at + SENSE_LEN);
  const { senseData } = packet;
  if (there === 0 || senseData === undefined) {
    packet.senseDataLength = 0;
    return;
  }
  packet.senseDataLength = Math.min(
    there,
    VIRTIO_SCSI_SENSE_SIZE,
    written - SENSE,
    packet.senseDataLength,
    senseData.length,
  );
  ram.readBytes(at + SENSE, senseData.subarray(0, packet.senseDataLength));
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
