import { bytesToHex } from '@noble/hashes/utils.js';
import type { GuestRam } from '@dxelab/platform';
import { readScsiSense, SCSI_STATUS_GOOD, scsiCommandName, scsiSenseText } from '@dxelab/scsi';
import {
  VIRTIO_SCSI_CDB_SIZE,
  VIRTIO_SCSI_REQ,
  VIRTIO_SCSI_RESP,
  VIRTIO_SCSI_S_OK,
  VIRTIO_SCSI_S_OVERRUN,
  VIRTIO_SCSI_SENSE_SIZE,
} from '@dxelab/virtio';
import { dataFact, descriptorsFact, lengthFact, PlainRequest } from './plain-request.ts';
import type { QueueRequest } from './queue-request.ts';
import type { CommandPlace, Fact } from './recording.ts';
import type { Segment } from './ring.ts';
import { firstBytes, lengthOf, withoutFirst } from './segments.ts';

const REQUEST_HEADER = VIRTIO_SCSI_REQ.cdb + VIRTIO_SCSI_CDB_SIZE;
const RESPONSE_HEADER = VIRTIO_SCSI_RESP.sense + VIRTIO_SCSI_SENSE_SIZE;
/** The first byte of an address (virtio §5.6.6.1). */
const BUS = 1;
/** The upper two bits of a LUN, and what they are where it is a number (SAM-6 §4.7.7.1). */
const METHOD = 0xc0;
const FLAT = 0x40;

/**
 * Reads a command of a SCSI host (virtio §5.6.6.1).
 * @returns `undefined` if its buffers have no room for the headers
 */
export function readScsiRequest(
  ram: GuestRam,
  segments: readonly Segment[],
): QueueRequest | undefined {
  const readable = segments.filter(({ writable }) => !writable);
  const writable = segments.filter((segment) => segment.writable);
  if (lengthOf(writable) < RESPONSE_HEADER) return undefined;
  const header = firstBytes(ram, readable, REQUEST_HEADER);
  return header === undefined ? undefined : new ScsiRequest(ram, header, segments);
}

/** A command, whose headers are told field by field: so each can differ by itself. */
class ScsiRequest implements QueueRequest {
  readonly what: string;
  readonly command: CommandPlace;
  readonly facts: readonly Fact[];
  readonly #ram: GuestRam;
  readonly #segments: readonly Segment[];
  readonly #writable: readonly Segment[];

  constructor(ram: GuestRam, header: Uint8Array, segments: readonly Segment[]) {
    this.#ram = ram;
    this.#segments = segments;
    this.#writable = segments.filter(({ writable }) => writable);
    const lun = header.subarray(VIRTIO_SCSI_REQ.lun, VIRTIO_SCSI_REQ.id);
    const cdb = header.subarray(VIRTIO_SCSI_REQ.cdb);
    // The id is the driver's, and nothing but its own: one request more would change all that follow.
    const task = header.subarray(VIRTIO_SCSI_REQ.taskAttr, VIRTIO_SCSI_REQ.cdb);
    this.command = { name: scsiCommandName(cdb), unit: unitText(lun) };
    this.what = `${this.command.name} of ${this.command.unit}`;
    const command = `LUN ${bytesToHex(lun)}, task ${bytesToHex(task)}, CDB ${withoutZeros(cdb)}`;
    const readable = segments.filter(({ writable }) => !writable);
    this.facts = [
      descriptorsFact(segments),
      { part: 'command', text: command },
      ...withoutFirst(readable, REQUEST_HEADER).map((out) => dataFact(ram, out, out.length)),
    ];
  }

  answer(length: number): readonly Fact[] {
    const header = firstBytes(this.#ram, this.#writable, RESPONSE_HEADER);
    if (header === undefined || length < RESPONSE_HEADER) {
      return new PlainRequest(this.#ram, this.#segments).answer(length);
    }
    const fields = new DataView(header.buffer);
    const residual = fields.getUint32(VIRTIO_SCSI_RESP.residual, true);
    const data = withoutFirst(this.#writable, RESPONSE_HEADER);
    const moved = isDone(fields) ? lengthOf(data) - residual : 0;
    let left = Math.max(0, Math.min(moved, length - RESPONSE_HEADER));
    return [
      lengthFact(length),
      { part: 'response', text: responseText(header, fields) },
      { part: 'residual', text: `residual ${residual}` },
      ...data.map((segment) => {
        const written = Math.min(segment.length, left);
        left -= written;
        return dataFact(this.#ram, segment, written);
      }),
    ];
  }
}

/** Whether there are data to look at: what a command that failed has left in the buffers is nobody's. */
function isDone(fields: DataView): boolean {
  const response = fields.getUint8(VIRTIO_SCSI_RESP.response);
  const isCarriedOut = response === VIRTIO_SCSI_S_OK || response === VIRTIO_SCSI_S_OVERRUN;
  return isCarriedOut && fields.getUint8(VIRTIO_SCSI_RESP.status) === SCSI_STATUS_GOOD;
}

/** How a command ended; of the room for sense data what the device says that it has filled. */
function responseText(header: Uint8Array, fields: DataView): string {
  const { senseLen, statusQualifier, status, response, sense } = VIRTIO_SCSI_RESP;
  const text = `response ${fields.getUint8(response)}, status ${fields.getUint8(status)}`;
  const qualifier = fields.getUint16(statusQualifier, true);
  const qualified = qualifier === 0 ? text : `${text}, qualifier ${qualifier}`;
  const senseBytes = header.subarray(sense).subarray(0, fields.getUint32(senseLen, true));
  if (senseBytes.length === 0) return qualified;
  const read = readScsiSense(senseBytes);
  const words = read === undefined ? '' : ` ${scsiSenseText(read)}`;
  return `${qualified}, sense ${bytesToHex(senseBytes)}${words}`;
}

/** Target and LUN in decimal digits; an address that is neither, as its bytes. */
function unitText(lun: Uint8Array): string {
  const [bus, target, high = 0, low = 0] = lun;
  const isNumber = (high & METHOD) === FLAT || high === 0;
  if (bus !== BUS || !isNumber) return bytesToHex(lun);
  return `${target}:${((high & ~METHOD) << 8) | low}`;
}

/** Commands are shorter than their room: zeros at the end say nothing. */
function withoutZeros(cdb: Uint8Array): string {
  return bytesToHex(
    cdb.subarray(
      0,
      1 +
        Math.max(
          0,
          cdb.findLastIndex((byte) => byte !== 0),
        ),
    ),
  );
}
