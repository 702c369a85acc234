import type { EfiExtScsiPassThru, EfiScsiRequestPacket } from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_DATA_DIRECTION_READ,
  EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
  efiStatusOf,
} from '@dxelab/uefi';

const SENSE_ROOM = 96;

/** A command for a logical unit. */
export interface Command {
  readonly target: number;
  readonly lun?: number;
  readonly cdb: readonly number[];
  /** Data out. */
  readonly out?: Uint8Array;
  /** Room for data in, in bytes. */
  readonly room?: number;
}

/** What the initiator sees of its end. */
export interface Completion {
  /** The status of the protocol's call. */
  readonly efi: string;
  readonly hostAdapterStatus: number;
  readonly targetStatus: number;
  /** As many bytes as were transferred. */
  readonly data: Uint8Array;
  readonly sent: number;
  readonly sense: Uint8Array;
}

/** Sends a command through EFI_EXT_SCSI_PASS_THRU_PROTOCOL. */
export function send(channel: EfiExtScsiPassThru, command: Command): Completion {
  const { target, lun = 0, cdb, out, room = 0 } = command;
  const data = new Uint8Array(room);
  const sense = new Uint8Array(SENSE_ROOM);
  const packet: EfiScsiRequestPacket = {
    timeout: 30_000_000,
    cdb: Uint8Array.from(cdb),
    dataDirection:
      out === undefined ? EFI_EXT_SCSI_DATA_DIRECTION_READ : EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
    inDataBuffer: room > 0 ? data : undefined,
    inTransferLength: room,
    outDataBuffer: out,
    outTransferLength: out?.length ?? 0,
    senseData: sense,
    senseDataLength: SENSE_ROOM,
    hostAdapterStatus: 0,
    targetStatus: 0,
  };
  const bytes = new Uint8Array(16);
  bytes[0] = target;
  let efi = 'EFI_SUCCESS';
  try {
    channel.passThru({ target: bytes, lun }, packet);
  } catch (caught) {
    const status = efiStatusOf(caught);
    if (status === undefined) throw caught;
    efi = status;
  }
  return {
    efi,
    hostAdapterStatus: packet.hostAdapterStatus,
    targetStatus: packet.targetStatus,
    data: data.subarray(0, packet.inTransferLength),
    sent: packet.outTransferLength,
    sense: sense.subarray(0, packet.senseDataLength),
  };
}
