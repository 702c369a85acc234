import type { ScsiSense } from '@dxelab/scsi';
import { SCSI_STATUS_GOOD, readScsiSense } from '@dxelab/scsi';
import type { EfiScsiRequestPacket, HostBuffer } from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_DATA_DIRECTION_READ,
  EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK,
} from '@dxelab/uefi';

/** In the units of a packet's timeout. */
export const SCSI_SECOND = 10_000_000;

/**
 * A request packet that can be sent more than once: what a channel handed back the last time is
 * forgotten when it is made ready again.
 */
export class ScsiCommand implements EfiScsiRequestPacket {
  timeout: number;
  inDataBuffer: HostBuffer | undefined = undefined;
  outDataBuffer: HostBuffer | undefined = undefined;
  senseData: Uint8Array | undefined;
  readonly cdb: Uint8Array;
  inTransferLength = 0;
  outTransferLength = 0;
  dataDirection: number = EFI_EXT_SCSI_DATA_DIRECTION_READ;
  hostAdapterStatus: number = EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK;
  targetStatus: number = SCSI_STATUS_GOOD;
  senseDataLength = 0;
  private inAsked = 0;
  private outAsked = 0;

  /**
   * @param timeout in units of 100 ns; 0: for ever
   * @param senseLength how many bytes of sense data there is room for
   */
  constructor(cdb: Uint8Array, timeout: number, senseLength: number) {
    this.cdb = cdb;
    this.timeout = timeout;
    this.senseData = senseLength === 0 ? undefined : new Uint8Array(senseLength);
  }

  /** Makes a command ready that moves nothing. */
  withoutData(): this {
    return this.ready(EFI_EXT_SCSI_DATA_DIRECTION_READ, undefined, undefined, 0, 0);
  }

  /** Makes a command ready that fills the first `length` bytes of a buffer. */
  reading(buffer: HostBuffer, length: number): this {
    return this.ready(EFI_EXT_SCSI_DATA_DIRECTION_READ, buffer, undefined, length, 0);
  }

  /** Makes a command ready that sends the first `length` bytes of a buffer. */
  writing(buffer: HostBuffer, length: number): this {
    return this.ready(EFI_EXT_SCSI_DATA_DIRECTION_WRITE, undefined, buffer, 0, length);
  }

  /** Makes it ready to be sent as it was the last time. */
  again(): this {
    const { dataDirection, inDataBuffer, outDataBuffer, inAsked, outAsked } = this;
    return this.ready(dataDirection, inDataBuffer, outDataBuffer, inAsked, outAsked);
  }

  /** What the device said of a CHECK CONDITION; `undefined` if it said nothing. */
  sense(): ScsiSense | undefined {
    if (this.senseData === undefined || this.senseDataLength === 0) return undefined;
    return readScsiSense(this.senseData.subarray(0, this.senseDataLength));
  }

  private ready(
    direction: number,
    inBuffer: HostBuffer | undefined,
    outBuffer: HostBuffer | undefined,
    inLength: number,
    outLength: number,
  ): this {
    this.dataDirection = direction;
    this.inDataBuffer = inBuffer;
    this.outDataBuffer = outBuffer;
    this.inAsked = inLength;
    this.inTransferLength = inLength;
    this.outAsked = outLength;
    this.outTransferLength = outLength;
    this.hostAdapterStatus = EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK;
    this.targetStatus = SCSI_STATUS_GOOD;
    this.senseDataLength = this.senseData === undefined ? 0 : this.senseData.length;
    return this;
  }
}
