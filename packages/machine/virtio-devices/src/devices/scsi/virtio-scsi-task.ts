import type { MovePiece, ScsiTask } from '@dxelab/scsi-targets';
import { VIRTIO_SCSI_CDB_SIZE, VIRTIO_SCSI_REQ, VIRTIO_SCSI_RESP } from '@dxelab/virtio';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';

const { cdb: CDB } = VIRTIO_SCSI_REQ;
const { sense: SENSE } = VIRTIO_SCSI_RESP;

/** A command in a chain, as logical units see it; one object for all that come. */
export class VirtioScsiTask implements ScsiTask {
  /** A CDB that is shorter than its command reads as zeros from there on. */
  cdb: Uint8Array = new Uint8Array(VIRTIO_SCSI_CDB_SIZE);
  dataOutLength = 0;
  dataInLength = 0;
  private chain: DescriptorChain;
  /** As much of it as the driver sends. */
  private sent: Uint8Array = this.cdb;
  /** Where data begin, behind the two headers. */
  private outStart = 0;
  private inStart = 0;

  /** @param chain any, until the first command */
  constructor(chain: DescriptorChain) {
    this.chain = chain;
  }

  /** Takes a command that has room for its headers. Sizes are those of the configuration. */
  begin(chain: DescriptorChain, cdbSize: number, senseSize: number): void {
    this.chain = chain;
    this.outStart = CDB + cdbSize;
    this.inStart = SENSE + senseSize;
    this.dataOutLength = chain.readableLength - this.outStart;
    this.dataInLength = chain.writableLength - this.inStart;
    if (this.sent.length !== cdbSize) {
      this.cdb = new Uint8Array(Math.max(cdbSize, VIRTIO_SCSI_CDB_SIZE));
      this.sent = this.cdb.subarray(0, cdbSize);
    }
    chain.readBytes(CDB, this.sent);
  }

  readDataOut(position: number, target: Uint8Array): number {
    return this.chain.readBytes(this.outStart + position, target);
  }

  writeDataIn(position: number, source: Uint8Array): number {
    return this.chain.writeBytes(this.inStart + position, source);
  }

  eachDataOut(length: number, move: MovePiece): void {
    this.each(0, this.outStart, Math.min(length, this.dataOutLength), move);
  }

  eachDataIn(length: number, move: MovePiece): void {
    this.each(this.chain.readableCount, this.inStart, Math.min(length, this.dataInLength), move);
  }

  /** @param first the segment that `start` is counted from */
  private each(first: number, start: number, length: number, move: MovePiece): void {
    let skip = start;
    let done = 0;
    for (let index = first; done < length; index++) {
      const { bytes, offset, length: size } = this.chain.segment(index);
      const piece = Math.min(size - skip, length - done);
      if (piece > 0) {
        move(bytes, offset + skip, piece, done);
        done += piece;
      }
      skip = Math.max(0, skip - size);
    }
  }
}
