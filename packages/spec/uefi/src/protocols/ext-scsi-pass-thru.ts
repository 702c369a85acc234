import type { HostBuffer } from '../buffer.ts';
import type { DevicePathNode } from '../device-path/node.ts';
import type { EfiEvent } from '../event.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_EXT_SCSI_PASS_THRU_MODE.Attributes (UEFI §15.7.1). */
export const EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_PHYSICAL = 0x0001;
export const EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL = 0x0002;
export const EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_NONBLOCKIO = 0x0004;

/** EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET.DataDirection (UEFI §15.7.2). */
export const EFI_EXT_SCSI_DATA_DIRECTION_READ = 0;
export const EFI_EXT_SCSI_DATA_DIRECTION_WRITE = 1;
export const EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL = 2;

/** EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET.HostAdapterStatus (UEFI §15.7.2). */
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK = 0x00;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND = 0x09;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT = 0x0b;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_MESSAGE_REJECT = 0x0d;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_RESET = 0x0e;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PARITY_ERROR = 0x0f;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_REQUEST_SENSE_FAILED = 0x10;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_SELECTION_TIMEOUT = 0x11;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN = 0x12;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_FREE = 0x13;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PHASE_ERROR = 0x14;
export const EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER = 0x7f;

/** Bytes of a target's id (UEFI §15.7.2). */
export const TARGET_MAX_BYTES = 0x10;

/** A logical unit of a channel, as this protocol names it. */
export interface ScsiAddress {
  /** TARGET_MAX_BYTES bytes, whose meaning is the channel's own. */
  readonly target: Uint8Array;
  readonly lun: number;
}

/** EFI_EXT_SCSI_PASS_THRU_MODE (UEFI §15.7.1). */
export interface EfiExtScsiPassThruMode {
  /** The host adapter's own target id on the channel. */
  readonly adapterId: number;
  /** EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_*. */
  readonly attributes: number;
  /** What a buffer's address must be a multiple of; 0 or 1: anything. */
  readonly ioAlign: number;
}

/**
 * EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET (UEFI §15.7.2), and the same as
 * EFI_SCSI_IO_SCSI_REQUEST_PACKET (§15.4.8). What is not `readonly` is handed back, with an error too.
 */
export interface EfiScsiRequestPacket {
  /** In units of 100 ns; 0: for ever. */
  readonly timeout: number;
  readonly inDataBuffer: HostBuffer | undefined;
  readonly outDataBuffer: HostBuffer | undefined;
  /** Filled up to `senseDataLength`, also when the command was answered with EFI_SUCCESS. */
  readonly senseData: Uint8Array | undefined;
  /** 6, 10, 12, 16 bytes, or more. */
  readonly cdb: Uint8Array;
  /** In bytes: how many may be moved, then how many were. */
  inTransferLength: number;
  outTransferLength: number;
  /** EFI_EXT_SCSI_DATA_DIRECTION_*. */
  readonly dataDirection: number;
  /** EFI_EXT_SCSI_STATUS_HOST_ADAPTER_*. */
  hostAdapterStatus: number;
  /** The SCSI status: 0 is GOOD, 2 CHECK CONDITION (SAM). */
  targetStatus: number;
  /** In bytes: how many there is room for, then how many there are. */
  senseDataLength: number;
}

/** EFI_EXT_SCSI_PASS_THRU_PROTOCOL (UEFI §15.7.1): a SCSI channel. */
export interface EfiExtScsiPassThru {
  readonly mode: EfiExtScsiPassThruMode;
  /**
   * Sends a command to a logical unit. That it was sent says nothing of its result: see `targetStatus`.
   * @param event of a non-blocking command: signalled when it is done
   * @throws EFI_BAD_BUFFER_SIZE with nothing sent and the lengths that can be moved in the packet;
   *   EFI_NOT_READY if too many are queued, EFI_DEVICE_ERROR, EFI_INVALID_PARAMETER, EFI_UNSUPPORTED,
   *   EFI_TIMEOUT
   */
  passThru(address: ScsiAddress, packet: EfiScsiRequestPacket, event?: EfiEvent): void;
  /**
   * The logical unit after `previous`, or the first one; `undefined` (EFI_NOT_FOUND) after the last.
   * Whether it is there, only a command tells.
   * @throws EFI_INVALID_PARAMETER if `previous` is not one that this function has returned
   */
  getNextTargetLun(previous: ScsiAddress | undefined): ScsiAddress | undefined;
  /** @throws EFI_NOT_FOUND if the channel has no such logical unit, EFI_OUT_OF_RESOURCES */
  buildDevicePath(address: ScsiAddress): DevicePathNode;
  /** @throws EFI_UNSUPPORTED for a node of another kind, EFI_NOT_FOUND if the channel has no such unit */
  getTargetLun(node: DevicePathNode): ScsiAddress;
  /** @throws EFI_UNSUPPORTED, EFI_DEVICE_ERROR, EFI_TIMEOUT */
  resetChannel(): void;
  /** @throws EFI_UNSUPPORTED, EFI_DEVICE_ERROR, EFI_INVALID_PARAMETER, EFI_TIMEOUT */
  resetTargetLun(address: ScsiAddress): void;
  /**
   * The target after `previous`, or the first one; `undefined` (EFI_NOT_FOUND) after the last.
   * @throws EFI_INVALID_PARAMETER if `previous` is not one that this function has returned
   */
  getNextTarget(previous: Uint8Array | undefined): Uint8Array | undefined;
}

/** By which EFI_EXT_SCSI_PASS_THRU_PROTOCOL (UEFI §15.7.1) is found. */
export const ExtScsiPassThruProtocol: Protocol<EfiExtScsiPassThru> = defineProtocol(
  'ExtScsiPassThru',
  '143b7632-b81b-4cb7-abd3-b625a5b9bffe',
);
