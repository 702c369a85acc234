import {
  SCSI_MODE_HEADER_10_SIZE,
  SCSI_MODE_HEADER_6_SIZE,
  SCSI_STATUS_CHECK_CONDITION,
  SCSI_STATUS_GOOD,
  SCSI_TYPE_DISK,
  blockLimitsData,
  fixedScsiSense,
  getBigEndian,
  getBigUint64,
  inquiryData,
  modeParameterData,
  readCapacity10Data,
  readCapacity16Data,
  vpdPage,
} from '@dxelab/scsi';
import type {
  EfiErrorStatus,
  EfiScsiIo,
  EfiScsiRequestPacket,
  HostBuffer,
  ScsiAddress,
} from '@dxelab/uefi';
import { EfiError, isGuestBuffer } from '@dxelab/uefi';

/** What a test has the unit answer to its next commands in place of doing them. */
export interface ScriptedAnswer {
  /** Only to this operation code; default: to whatever comes next. */
  readonly to?: number;
  /** How often; default: once. */
  readonly times?: number;
  readonly status?: number;
  /** [key, ASC << 8 | ASCQ], with CHECK CONDITION. */
  readonly sense?: readonly [key: number, code: number];
  readonly hostAdapterStatus?: number;
  /** What the channel throws. */
  readonly throws?: EfiErrorStatus;
  /** The transfer length that it hands back. */
  readonly length?: number;
  /** The data in place of the unit's own. */
  readonly data?: Uint8Array;
}

/** A command as the unit got it: `28 lba 5 x2 512`. */
export interface SeenCommand {
  readonly code: number;
  readonly cdb: Uint8Array;
  readonly timeout: number;
  readonly length: number;
}

export interface ScriptedUnitOptions {
  readonly deviceType?: number;
  readonly removable?: boolean;
  readonly blockSize?: number;
  /** The last block that READ CAPACITY tells, if not that of `bytes`. */
  readonly lastLba?: bigint;
  readonly readOnly?: boolean;
  readonly writeCache?: boolean;
  readonly knowsFua?: boolean;
  readonly maximumTransferLength?: number;
  readonly ioAlign?: number;
  readonly physicalBlockExponent?: number;
  readonly thin?: boolean;
  readonly knowsCapacity16?: boolean;
  readonly knowsModePages?: boolean;
}

/** A logical unit over an array that does what a disk does, but for what a test has scripted. */
export class ScriptedUnit implements EfiScsiIo {
  readonly ioAlign: number;
  readonly options: ScriptedUnitOptions;
  bytes: Uint8Array;
  isPresent = true;
  readonly seen: SeenCommand[] = [];
  readonly resets: string[] = [];
  /** What resets throw. */
  resetThrows: EfiErrorStatus | undefined = undefined;
  readonly #script: { answer: ScriptedAnswer; left: number }[] = [];
  readonly #pending: (readonly [key: number, code: number])[] = [];

  constructor(bytes: Uint8Array, options: ScriptedUnitOptions = {}) {
    this.bytes = bytes;
    this.options = options;
    this.ioAlign = options.ioAlign ?? 0;
  }

  /** Adds to what is answered next. */
  script(...answers: readonly ScriptedAnswer[]): this {
    for (const answer of answers) this.#script.push({ answer, left: answer.times ?? 1 });
    return this;
  }

  /** A unit attention for the next command but INQUIRY and REQUEST SENSE (SPC-6 §5.14). */
  attention(code: number): this {
    this.#pending.push([6, code]);
    return this;
  }

  /** The operation codes since the last time that this was asked. */
  codes(): readonly number[] {
    return this.seen.splice(0).map(({ code }) => code);
  }

  getDeviceType(): number {
    return this.options.deviceType ?? SCSI_TYPE_DISK;
  }

  getDeviceLocation(): ScsiAddress {
    return { target: new Uint8Array(16), lun: 0 };
  }

  resetBus(): void {
    this.#reset('bus');
  }

  resetDevice(): void {
    this.#reset('device');
  }

  executeScsiCommand(packet: EfiScsiRequestPacket): void {
    const [code = 0] = packet.cdb;
    const length = Math.max(packet.inTransferLength, packet.outTransferLength);
    const { timeout } = packet;
    this.seen.push({ code, cdb: packet.cdb.slice(), timeout, length });
    packet.targetStatus = SCSI_STATUS_GOOD;
    packet.senseDataLength = 0;
    const scripted = this.#script.find(({ answer }) => (answer.to ?? code) === code);
    if (scripted === undefined) {
      this.#do(packet, code);
      return;
    }
    scripted.left -= 1;
    if (scripted.left === 0) this.#script.splice(this.#script.indexOf(scripted), 1);
    this.#answer(packet, code, scripted.answer);
  }

  #reset(what: string): void {
    this.resets.push(what);
    if (this.resetThrows !== undefined) throw new EfiError(this.resetThrows, 'no reset');
  }

  #answer(packet: EfiScsiRequestPacket, code: number, answer: ScriptedAnswer): void {
    const { data, hostAdapterStatus = 0, length, sense, status, throws } = answer;
    if (data !== undefined && packet.inDataBuffer !== undefined) this.#give(packet, data);
    else if (sense === undefined && status === undefined && throws === undefined) {
      this.#do(packet, code);
    }
    packet.hostAdapterStatus = hostAdapterStatus;
    if (status !== undefined) packet.targetStatus = status;
    if (sense !== undefined) this.#check(packet, sense);
    if (length !== undefined) {
      packet.inTransferLength = packet.inDataBuffer === undefined ? 0 : length;
      packet.outTransferLength = packet.outDataBuffer === undefined ? 0 : length;
    }
    if (throws !== undefined) throw new EfiError(throws, 'scripted');
  }

  #do(packet: EfiScsiRequestPacket, code: number): void {
    if (code !== 0x12 && code !== 0x03) {
      const attention = this.#pending.shift();
      if (attention !== undefined) {
        this.#check(packet, attention);
        return;
      }
    }
    if (!this.isPresent && code !== 0x12 && code !== 0x03) {
      this.#check(packet, [2, 0x3a00]);
      return;
    }
    const { cdb } = packet;
    if (code === 0x28 || code === 0x88) this.#read(packet, lbaOf(cdb), blocksOf(cdb));
    else if (code === 0x2a || code === 0x8a) this.#write(packet, lbaOf(cdb), blocksOf(cdb));
    else this.#tell(packet, code);
  }

  #tell(packet: EfiScsiRequestPacket, code: number): void {
    const { knowsCapacity16 = true, knowsModePages = true } = this.options;
    if (code === 0x12) this.#give(packet, this.#inquiry(packet.cdb));
    else if (code === 0x03) this.#give(packet, fixedScsiSense(0, 0));
    else if (code === 0x25) this.#give(packet, this.#capacity10());
    else if (code === 0x9e && knowsCapacity16) this.#give(packet, this.#capacity16());
    else if (code === 0x5a && knowsModePages) this.#give(packet, this.#modes(true));
    else if (code === 0x1a) this.#give(packet, this.#modes(false));
    else if (code !== 0x00 && code !== 0x1b && code !== 0x35) this.#check(packet, [5, 0x2000]);
  }

  #check(packet: EfiScsiRequestPacket, [key, code]: readonly [number, number]): void {
    packet.targetStatus = SCSI_STATUS_CHECK_CONDITION;
    packet.inTransferLength = 0;
    packet.outTransferLength = 0;
    if (packet.senseData === undefined) return;
    const sense = fixedScsiSense(key, code);
    packet.senseData.set(sense);
    packet.senseDataLength = sense.length;
  }

  #give(packet: EfiScsiRequestPacket, data: Uint8Array): void {
    const target = asArray(packet.inDataBuffer);
    const length = Math.min(data.length, packet.inTransferLength);
    target.set(data.subarray(0, length));
    packet.inTransferLength = length;
  }

  #read(packet: EfiScsiRequestPacket, lba: number, blocks: number): void {
    const { blockSize = 512 } = this.options;
    const begin = (lba * blockSize) % this.bytes.length;
    this.#give(packet, this.bytes.subarray(begin, begin + blocks * blockSize));
  }

  #write(packet: EfiScsiRequestPacket, lba: number, blocks: number): void {
    const { blockSize = 512 } = this.options;
    const source = asArray(packet.outDataBuffer).subarray(0, blocks * blockSize);
    this.bytes.set(source, (lba * blockSize) % this.bytes.length);
  }

  #inquiry(cdb: Uint8Array): Uint8Array {
    const deviceType = this.getDeviceType();
    const [, evpd = 0, pageCode = 0] = cdb;
    if ((evpd & 1) === 0) {
      return inquiryData({
        peripheralQualifier: 0,
        deviceType,
        removable: this.options.removable ?? false,
        version: 6,
        responseDataFormat: 2,
        hierarchicalLuns: false,
        commandQueuing: false,
        vendor: 'DXELAB',
        product: 'scripted',
        revision: '1',
      });
    }
    const data = pageCode === 0 ? Uint8Array.of(0x00, 0x83, 0xb0) : this.#blockLimits();
    return vpdPage({ deviceType, pageCode, data });
  }

  #blockLimits(): Uint8Array {
    return blockLimitsData({
      writeSameNonZero: false,
      optimalTransferLengthGranularity: 8,
      maximumTransferLength: this.options.maximumTransferLength ?? 0,
      optimalTransferLength: 0,
      maximumUnmapLbaCount: 0,
      maximumUnmapBlockDescriptorCount: 0,
      optimalUnmapGranularity: 0,
      maximumWriteSameLength: 0,
    });
  }

  get #lastLba(): bigint {
    const { blockSize = 512, lastLba } = this.options;
    return lastLba ?? BigInt(this.bytes.length / blockSize - 1);
  }

  #capacity10(): Uint8Array {
    const { blockSize = 512 } = this.options;
    const lastLba = this.#lastLba > 0xffff_ffffn ? 0xffff_ffff : Number(this.#lastLba);
    return readCapacity10Data({ lastLba, blockSize });
  }

  #capacity16(): Uint8Array {
    const { blockSize = 512, physicalBlockExponent = 0, thin = false } = this.options;
    return readCapacity16Data({
      lastLba: this.#lastLba,
      blockSize,
      protection: false,
      physicalBlockExponent,
      provisioningManaged: thin,
      unmappedReadZeros: thin,
      lowestAlignedLba: 0,
    });
  }

  #modes(isLong: boolean): Uint8Array {
    const { knowsFua = false, readOnly = false, writeCache = false } = this.options;
    const specific = (readOnly ? 0x80 : 0) | (knowsFua ? 0x10 : 0);
    const caching = new Uint8Array(20);
    caching.set([0x08, 18, writeCache ? 4 : 0]);
    const header = isLong ? SCSI_MODE_HEADER_10_SIZE : SCSI_MODE_HEADER_6_SIZE;
    return modeParameterData(header, specific, new Uint8Array(0), caching);
  }
}

/** The block address of READ and WRITE (10) and (16). */
export function lbaOf(cdb: Uint8Array): number {
  return cdb.length === 16 ? Number(getBigUint64(cdb, 2)) : getBigEndian(cdb, 2, 4);
}

/** The transfer length of READ and WRITE (10) and (16), in blocks. */
export function blocksOf(cdb: Uint8Array): number {
  return cdb.length === 16 ? getBigEndian(cdb, 10, 4) : getBigEndian(cdb, 7, 2);
}

function asArray(buffer: HostBuffer | undefined): Uint8Array {
  if (buffer !== undefined && !isGuestBuffer(buffer)) return buffer;
  throw new TypeError('the scripted unit knows arrays only');
}
