import type { EfiEvent } from '../event.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiScsiRequestPacket, ScsiAddress } from './ext-scsi-pass-thru.ts';

/** EFI_SCSI_IO_PROTOCOL (UEFI §15.4.1): one logical unit. */
export interface EfiScsiIo {
  readonly ioAlign: number;
  /** The peripheral device type of INQUIRY's answer (UEFI §15.4.2). */
  getDeviceType(): number;
  /** Where it is on its channel (UEFI §15.4.3). */
  getDeviceLocation(): ScsiAddress;
  /** @throws EFI_DEVICE_ERROR, EFI_UNSUPPORTED, EFI_TIMEOUT */
  resetBus(): void;
  /** @throws EFI_DEVICE_ERROR, EFI_UNSUPPORTED, EFI_TIMEOUT */
  resetDevice(): void;
  /**
   * Sends a command to the logical unit (UEFI §15.4.6).
   * @param event of a non-blocking command; signalled when it is done
   * @throws as EfiExtScsiPassThru.passThru
   */
  executeScsiCommand(packet: EfiScsiRequestPacket, event?: EfiEvent): void;
}

/** By which EFI_SCSI_IO_PROTOCOL (UEFI §15.4.1) is found. */
export const ScsiIoProtocol: Protocol<EfiScsiIo> = defineProtocol(
  'ScsiIo',
  '932f47e6-2362-4002-803e-3cd54b138f85',
);
