import type { ScsiSense } from '@dxelab/scsi';
import {
  readScsiSense,
  SCSI_READ_10,
  SCSI_STATUS_CHECK_CONDITION,
  SCSI_SYNCHRONIZE_CACHE_10,
  SCSI_TEST_UNIT_READY,
  SCSI_WRITE_10,
} from '@dxelab/scsi';
import type { EfiExtScsiPassThru, EfiScsiRequestPacket, ScsiAddress } from '@dxelab/uefi';
import { EFI_EXT_SCSI_DATA_DIRECTION_WRITE } from '@dxelab/uefi';
import { command } from './scsi-world.fixture.ts';

const BLOCK = 512;
const SENSE_SIZE = 18;

/** A disk that a test reaches by commands of its own, without a driver above EFI_EXT_SCSI_PASS_THRU_PROTOCOL. */
export class PassThruDisk {
  readonly #channel: EfiExtScsiPassThru;
  readonly #address: ScsiAddress;

  constructor(channel: EfiExtScsiPassThru, address: ScsiAddress) {
    this.#channel = channel;
    this.#address = address;
  }

  /** Asks what the unit has to report (SAM-6 §5.14), which it says once. */
  testUnitReady(): ScsiSense | undefined {
    const senseData = new Uint8Array(SENSE_SIZE);
    const cdb = Uint8Array.of(SCSI_TEST_UNIT_READY, 0, 0, 0, 0, 0);
    const packet = command({ cdb, senseData, senseDataLength: SENSE_SIZE });
    this.#channel.passThru(this.#address, packet);
    const isTold = packet.targetStatus === SCSI_STATUS_CHECK_CONDITION;
    return isTold ? readScsiSense(senseData.subarray(0, packet.senseDataLength)) : undefined;
  }

  read(block: number, buffer: Uint8Array): void {
    this.#send(SCSI_READ_10, block, {
      inDataBuffer: buffer,
      inTransferLength: buffer.length,
    });
  }

  write(block: number, buffer: Uint8Array): void {
    this.#send(SCSI_WRITE_10, block, {
      dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_WRITE,
      outDataBuffer: buffer,
      outTransferLength: buffer.length,
    });
  }

  /** Reads `before` in pieces, and writes each back to front; what is there then is up to the test. */
  reverse(before: Uint8Array, piece: number): void {
    this.testUnitReady();
    const buffer = new Uint8Array(piece);
    for (let at = 0; at < before.length; at += piece) {
      this.read(at / BLOCK, buffer);
      demand(Buffer.compare(buffer, before.subarray(at, at + piece)) === 0, `other data at ${at}`);
      this.write(at / BLOCK, buffer.toReversed());
    }
    this.#send(SCSI_SYNCHRONIZE_CACHE_10, 0, {});
  }

  /** A command that ends well, and moves all of its data. */
  #send(code: number, block: number, fields: Partial<EfiScsiRequestPacket>): void {
    const { inTransferLength = 0, outTransferLength = 0 } = fields;
    const cdb = new Uint8Array(10);
    const view = new DataView(cdb.buffer);
    view.setUint8(0, code);
    view.setUint32(2, block);
    view.setUint16(7, (inTransferLength + outTransferLength) / BLOCK);
    const packet = command({ cdb, ...fields });
    this.#channel.passThru(this.#address, packet);
    const { hostAdapterStatus, targetStatus } = packet;
    const moved = [packet.inTransferLength, packet.outTransferLength];
    demand(hostAdapterStatus === 0 && targetStatus === 0, `status ${targetStatus}`);
    demand(moved.join() === `${inTransferLength},${outTransferLength}`, `moved ${moved.join()}`);
  }
}

/** What `PassThruDisk.reverse` leaves. */
export function reversed(before: Uint8Array, piece: number): Uint8Array {
  const after = before.slice();
  for (let at = 0; at < before.length; at += piece) {
    after.set(before.subarray(at, at + piece).toReversed(), at);
  }
  return after;
}

function demand(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
