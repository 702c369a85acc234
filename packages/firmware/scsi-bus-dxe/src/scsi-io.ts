import type {
  EfiBootServices,
  EfiEvent,
  EfiExtScsiPassThru,
  EfiScsiIo,
  EfiScsiRequestPacket,
  ScsiAddress,
} from '@dxelab/uefi';
import { EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_NONBLOCKIO } from '@dxelab/uefi';

/** EFI_SCSI_IO_PROTOCOL of one logical unit (UEFI §15.4): its channel, and where it is there. */
export class ScsiIo implements EfiScsiIo {
  readonly ioAlign: number;
  private readonly channel: EfiExtScsiPassThru;
  private readonly address: ScsiAddress;
  private readonly deviceType: number;
  private readonly bs: Pick<EfiBootServices, 'signalEvent'>;
  private readonly signalsIgnoredEvent: boolean;

  /** @param deviceType SCSI_TYPE_* of its INQUIRY data */
  constructor(
    channel: EfiExtScsiPassThru,
    address: ScsiAddress,
    deviceType: number,
    bs: Pick<EfiBootServices, 'signalEvent'>,
    signalsIgnoredEvent: boolean,
  ) {
    this.ioAlign = channel.mode.ioAlign;
    this.channel = channel;
    this.address = { target: address.target.slice(), lun: address.lun };
    this.deviceType = deviceType;
    this.bs = bs;
    this.signalsIgnoredEvent = signalsIgnoredEvent;
  }

  getDeviceType(): number {
    return this.deviceType;
  }

  getDeviceLocation(): ScsiAddress {
    return { target: this.address.target.slice(), lun: this.address.lun };
  }

  resetBus(): void {
    this.channel.resetChannel();
  }

  resetDevice(): void {
    this.channel.resetTargetLun(this.address);
  }

  executeScsiCommand(packet: EfiScsiRequestPacket, event?: EfiEvent): void {
    if (event === undefined) {
      this.channel.passThru(this.address, packet);
      return;
    }
    if ((this.channel.mode.attributes & EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_NONBLOCKIO) !== 0) {
      this.channel.passThru(this.address, packet, event);
      return;
    }
    // A channel that blocks ignores the event (UEFI §15.4.6).
    this.channel.passThru(this.address, packet);
    if (this.signalsIgnoredEvent) this.bs.signalEvent(event);
  }
}
