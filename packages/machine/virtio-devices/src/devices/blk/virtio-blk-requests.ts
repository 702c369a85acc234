import type { Tracer } from '@dxelab/platform';
import {
  VIRTIO_BLK_F_DISCARD,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_F_SEG_MAX,
  VIRTIO_BLK_F_SIZE_MAX,
  VIRTIO_BLK_F_WRITE_ZEROES,
  VIRTIO_BLK_ID_BYTES,
  VIRTIO_BLK_REQ_SIZE,
} from '@dxelab/virtio';
import type { BlockBackend } from '@dxelab/block-backends';
import { isBackendError } from '@dxelab/block-backends';
import type { VirtioDeviceHost } from '../../core/virtio-device-model.ts';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';
import type { VirtioBlkSettings } from './virtio-blk-options.ts';
import { readSegments } from './virtio-blk-segments.ts';

// Request types and status bytes (virtio §5.2.6), local because imported constants are slow under Vitest.
const IN = 0;
const OUT = 1;
const FLUSH = 4;
const GET_ID = 8;
const DISCARD = 11;
const WRITE_ZEROES = 13;
const OK = 0;
const IOERR = 1;
const UNSUPP = 2;
const STATUS_BYTE = { OK, IOERR, UNSUPP };

const SECTOR = 512;
/** What is written at a time where a backend cannot make zeroes itself. */
const ZEROES = new Uint8Array(0x10000);

/** More segments than there can be: an infinite number would make the comparison one of doubles. */
const NO_LIMIT = 2 ** 30;

/** What a block device does with a request (virtio §5.2.6). */
export class VirtioBlkRequests {
  /** Whether what is written must be stable before the request completes. */
  writeThrough = true;
  private readonly settings: VirtioBlkSettings;
  private readonly backend: BlockBackend;
  /** Whether some requests are answered without being done. */
  private readonly forces: boolean;
  private host: VirtioDeviceHost | undefined;
  private trace: Tracer | undefined;
  /** In sectors: the true capacity, whatever the configuration claims. */
  private readonly capacity: number;
  /** How many bytes of the writable part the current request has filled, from its beginning. */
  private filled = 0;
  private canFlush = false;
  private canDiscard = false;
  private canWriteZeroes = false;
  private segMax = NO_LIMIT;
  private sizeMax: number | undefined;

  constructor(settings: VirtioBlkSettings) {
    this.settings = settings;
    this.backend = settings.backend;
    this.forces = settings.status !== undefined;
    this.host = undefined;
    this.trace = undefined;
    this.sizeMax = undefined;
    this.capacity = settings.backend.size / SECTOR;
  }

  attach(host: VirtioDeviceHost): void {
    this.host = host;
    this.trace = host.trace;
  }

  /** What the driver may ask for, and the limits that it has agreed to. */
  negotiated(features: bigint): void {
    const { segMax, sizeMax } = this.settings;
    this.canFlush = (features & VIRTIO_BLK_F_FLUSH) !== 0n;
    this.canDiscard = (features & VIRTIO_BLK_F_DISCARD) !== 0n;
    this.canWriteZeroes = (features & VIRTIO_BLK_F_WRITE_ZEROES) !== 0n;
    this.segMax = (features & VIRTIO_BLK_F_SEG_MAX) === 0n ? NO_LIMIT : segMax;
    this.sizeMax = (features & VIRTIO_BLK_F_SIZE_MAX) === 0n ? undefined : sizeMax;
  }

  /**
   * Does what a request says and writes its status, which is the last writable byte.
   * @param chain with room for header and status
   * @returns how many bytes were written, from the first writable one on
   */
  execute(chain: DescriptorChain): number {
    const type = chain.readUint32(0);
    // From 2^53 on it is rounded, and beyond every capacity.
    const sector = chain.readUint64(8);
    this.filled = 0;
    const status = this.attempt(chain, type, sector);
    const last = chain.writableLength - 1;
    chain.writeUint8(last, status);
    if (this.trace !== undefined) this.traceComplete(type, status);
    // The used length promises every byte before it (§2.7.8.2): the status counts only without a gap.
    return this.filled === last ? last + 1 : this.filled;
  }

  /** What the backend cannot do is the driver's to hear of. */
  private attempt(chain: DescriptorChain, type: number, sector: number): number {
    try {
      const forced = this.forces ? this.forced(type, sector) : OK;
      return forced === OK ? this.perform(chain, type, sector) : forced;
    } catch (caught) {
      if (!isBackendError(caught)) throw caught;
      const { message } = caught;
      this.trace?.('virtio_blk_rw_complete', { device: this.name, message });
      return IOERR;
    }
  }

  private forced(type: number, sector: number): number {
    return STATUS_BYTE[this.settings.status?.(type, sector) ?? 'OK'];
  }

  private perform(chain: DescriptorChain, type: number, sector: number): number {
    switch (type) {
      case IN:
        return this.read(chain, sector);
      case OUT:
        return this.write(chain, sector);
      case FLUSH:
        return this.flush(sector);
      case GET_ID:
        return this.getId(chain);
      case DISCARD:
        return this.canDiscard ? this.changeSegments(chain, false) : UNSUPP;
      case WRITE_ZEROES:
        return this.canWriteZeroes ? this.changeSegments(chain, true) : UNSUPP;
      default:
        return UNSUPP;
    }
  }

  private read(chain: DescriptorChain, sector: number): number {
    const length = chain.writableLength - 1;
    if (this.trace !== undefined) this.traceRead(sector, length);
    if (!this.mayTransfer(sector, length)) return IOERR;
    this.checkLimits(chain);
    const { backend } = this;
    const position = sector * SECTOR;
    for (let index = chain.readableCount; this.filled < length; index++) {
      const { bytes, offset, length: room } = chain.segment(index);
      const piece = Math.min(room, length - this.filled);
      backend.read(position + this.filled, bytes, offset, piece);
      this.filled += piece;
    }
    return OK;
  }

  private write(chain: DescriptorChain, sector: number): number {
    const length = chain.readableLength - VIRTIO_BLK_REQ_SIZE;
    if (this.trace !== undefined) this.traceWrite(sector, length);
    const { backend } = this;
    if (this.settings.readOnly || !this.mayTransfer(sector, length)) return IOERR;
    this.checkLimits(chain);
    let position = sector * SECTOR;
    let header = VIRTIO_BLK_REQ_SIZE;
    for (let index = 0; index < chain.readableCount; index++) {
      const { bytes, offset, length: size } = chain.segment(index);
      // The header may take several segments, and end within one.
      const skip = Math.min(header, size);
      if (size > skip) backend.write(position, bytes, offset + skip, size - skip);
      position += size - skip;
      header -= skip;
    }
    if (this.writeThrough) backend.flush();
    return OK;
  }

  private flush(sector: number): number {
    if (!this.canFlush) return UNSUPP;
    if (sector !== 0) this.broke(`FLUSH names sector ${sector}, not 0`, { sector });
    this.settings.backend.flush();
    return OK;
  }

  private getId(chain: DescriptorChain): number {
    const room = chain.writableLength - 1;
    if (room !== VIRTIO_BLK_ID_BYTES) {
      this.broke(`GET_ID has room for ${room} bytes, not ${VIRTIO_BLK_ID_BYTES}`, { room });
    }
    const { serial } = this.settings;
    const length = Math.min(room, VIRTIO_BLK_ID_BYTES);
    for (; this.filled < length; this.filled++) {
      const hasCharacter = this.filled < serial.length;
      chain.writeUint8(this.filled, hasCharacter ? serial.charCodeAt(this.filled) : 0);
    }
    return OK;
  }

  /** DISCARD and WRITE_ZEROES. Nothing changes unless every segment is right. */
  private changeSegments(chain: DescriptorChain, zero: boolean): number {
    const { segments, unsupported, problem } = readSegments(chain, zero);
    if (problem !== undefined) {
      this.broke(problem, { length: chain.readableLength - VIRTIO_BLK_REQ_SIZE });
      return IOERR;
    }
    if (unsupported) return UNSUPP;
    for (const { sector, length } of segments) {
      if (!this.mayTransfer(sector, length)) return IOERR;
    }
    const { backend } = this.settings;
    for (const { sector, length } of segments) {
      if (zero) this.writeZeroes(sector * SECTOR, length);
      else backend.discard?.(sector * SECTOR, length);
    }
    if (this.writeThrough) backend.flush();
    return OK;
  }

  private writeZeroes(position: number, length: number): void {
    const { backend } = this.settings;
    if (backend.writeZeroes !== undefined) {
      backend.writeZeroes(position, length);
      return;
    }
    for (let done = 0; done < length; done += ZEROES.length) {
      backend.write(position + done, ZEROES, 0, Math.min(ZEROES.length, length - done));
    }
  }

  /** Whether the disk has these bytes, in whole blocks (virtio §5.2.6.1, §5.2.5). */
  private mayTransfer(sector: number, length: number): boolean {
    const { blockSize } = this.settings;
    // Bits, and not `%`, which is slow for what may be beyond 2^31.
    const misaligned = (length & (blockSize - 1)) | (sector & (blockSize / SECTOR - 1));
    if (misaligned === 0 && sector + length / SECTOR <= this.capacity) return true;
    this.refuse(sector, length);
    return false;
  }

  /** Says why it has not. */
  private refuse(sector: number, length: number): void {
    const { blockSize, claimedCapacity } = this.settings;
    if ((length & (SECTOR - 1)) !== 0) {
      this.broke(`${length} bytes of data are no whole sectors of ${SECTOR}`, { length });
    } else if (sector + length / SECTOR > this.capacity) {
      const message = `${length / SECTOR} sectors at ${sector}, of a disk of ${this.capacity}`;
      // A driver that believed a lie has broken no rule.
      if (claimedCapacity === undefined) this.broke(message, { sector, length });
    } else {
      const message = `${length} bytes at sector ${sector} are no whole blocks of ${blockSize}`;
      this.host?.report('5.2.5', message, { sector, length, blockSize });
    }
  }

  /** The limits bind the driver; the device can serve what exceeds them. */
  private checkLimits(chain: DescriptorChain): void {
    // Header and status take a segment each, where the driver does not cut them further.
    const isWithin = chain.segmentCount - 2 <= this.segMax && this.sizeMax === undefined;
    if (!isWithin) this.reportLimits(chain);
  }

  private reportLimits(chain: DescriptorChain): void {
    const { segMax, sizeMax = Infinity } = this;
    const segments = chain.segmentCount - 2;
    if (segments > segMax) {
      this.host?.report('5.2.3', `${segments} data segments: seg_max is ${segMax}`, { segments });
    }
    for (let index = 0; index < chain.segmentCount; index++) {
      const { length } = chain.segment(index);
      if (length <= sizeMax) continue;
      const message = `a segment of ${length} bytes: size_max is ${sizeMax}`;
      this.host?.report('5.2.3', message, { length });
    }
  }

  private broke(message: string, fields: Readonly<Record<string, number>>): void {
    this.host?.report('5.2.6.1', message, fields);
  }

  // Of the trace, apart: what is not called costs the requests nothing.

  private get name(): string {
    return this.host?.name ?? '';
  }

  private traceRead(sector: number, length: number): void {
    const nsectors = length / SECTOR;
    this.trace?.('virtio_blk_handle_read', { device: this.name, sector, nsectors });
  }

  private traceWrite(sector: number, length: number): void {
    const nsectors = length / SECTOR;
    this.trace?.('virtio_blk_handle_write', { device: this.name, sector, nsectors });
  }

  private traceComplete(type: number, status: number): void {
    this.trace?.('virtio_blk_req_complete', { device: this.name, type, status });
  }
}
