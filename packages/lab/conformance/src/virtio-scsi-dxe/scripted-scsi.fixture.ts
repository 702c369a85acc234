import {
  VIRTIO_SCSI_CONFIG,
  VIRTIO_SCSI_CONFIG_SIZE,
  VIRTIO_SCSI_CONTROL_QUEUE,
  VIRTIO_SCSI_CTRL_TMF,
  VIRTIO_SCSI_F_INOUT,
  VIRTIO_SCSI_REQ,
  VIRTIO_SCSI_RESP,
  VIRTIO_SCSI_S_ABORTED,
  VIRTIO_SCSI_SENSE_SIZE,
  VIRTIO_SCSI_T_TMF_ABORT_TASK,
  VIRTIO_SUBSYSTEM_SCSI_HOST,
} from '@dxelab/virtio';
import type { DescriptorChain, VirtioDeviceHost, VirtioDeviceModel } from '@dxelab/virtio-devices';

const RESPONSE_SIZE = VIRTIO_SCSI_RESP.sense + VIRTIO_SCSI_SENSE_SIZE;
const REQUEST_QUEUE = 2;

/** A request as the device finds it. */
export interface SeenRequest {
  /** As hexadecimal digits. */
  readonly lun: string;
  readonly id: number;
  readonly cdb: Uint8Array;
  readonly dataOut: Uint8Array;
  /** Of its descriptors, in bytes; the first `readable` of them are read by the device. */
  readonly lengths: readonly number[];
  readonly readable: number;
  /** What the response field holds before the device writes it. */
  readonly preset: number;
}

/** What the device does with it; what is missing is 0, and good. */
export interface Answer {
  readonly response?: number;
  readonly status?: number;
  readonly sense?: Uint8Array;
  /** What the device says, whatever there is. */
  readonly senseLen?: number;
  readonly residual?: number;
  readonly dataIn?: Uint8Array;
  /** The used length; by default all that there is room for. */
  readonly written?: number;
}

/** `silent`: the device keeps the request, until it is aborted or reset. */
export type Script = (request: SeenRequest) => Answer | 'silent';

export interface ScriptedScsiOptions {
  readonly answer?: Script;
  /**
   * Of a task management function; `silent` never answers, `unwritten` gives it back as it is. By default
   * it is complete.
   */
  readonly manage?: (subtype: number, lun: string) => number | 'silent' | 'unwritten';
  /** Whether an aborted request comes back. */
  readonly keepsAborted?: boolean;
  /** How long a command takes, in nanoseconds; by default it is done within the notification. */
  readonly latency?: number;
  readonly features?: bigint;
  readonly queueSizes?: readonly number[];
  readonly config?: Partial<Record<keyof typeof VIRTIO_SCSI_CONFIG, number>>;
}

const CONFIG = {
  numQueues: 1,
  segMax: 126,
  maxSectors: 0xffff,
  cmdPerLun: 128,
  eventInfoSize: 16,
  senseSize: 96,
  cdbSize: 32,
  maxChannel: 0,
  maxTarget: 255,
  maxLun: 16383,
};

/** Which of them have 32 bits, and which 16. */
const WIDE = [
  'numQueues',
  'segMax',
  'maxSectors',
  'cmdPerLun',
  'eventInfoSize',
  'senseSize',
  'cdbSize',
  'maxLun',
] as const;
const NARROW = ['maxChannel', 'maxTarget'] as const;

/** A SCSI host device that answers as a test tells it, and writes down what it was asked. */
export class ScriptedScsi implements VirtioDeviceModel {
  readonly name = 'scripted-scsi';
  readonly deviceType: number = VIRTIO_SUBSYSTEM_SCSI_HOST;
  readonly features: bigint;
  readonly queueSizes: readonly number[];
  readonly config: Uint8Array = new Uint8Array(VIRTIO_SCSI_CONFIG_SIZE);
  readonly requests: SeenRequest[] = [];
  /** `subtype lun id` of each task management function. */
  readonly functions: string[] = [];
  /** How often it was set up. */
  starts = 0;
  answer: Script;
  readonly #options: ScriptedScsiOptions;
  #host: VirtioDeviceHost | undefined;
  #kept: DescriptorChain | undefined;

  constructor(options: ScriptedScsiOptions = {}) {
    this.#options = options;
    this.features = options.features ?? VIRTIO_SCSI_F_INOUT;
    this.queueSizes = options.queueSizes ?? [8, 8, 128];
    this.answer = options.answer ?? (() => ({}));
    const config = { ...CONFIG, ...options.config };
    const view = new DataView(this.config.buffer);
    for (const field of WIDE) view.setUint32(VIRTIO_SCSI_CONFIG[field], config[field], true);
    for (const field of NARROW) view.setUint16(VIRTIO_SCSI_CONFIG[field], config[field], true);
  }

  attach(host: VirtioDeviceHost): void {
    this.#host = host;
  }

  /** Asks for a reset (virtio §2.1.2). */
  askForReset(): void {
    this.#host?.needsReset('5.6', 'the test wants it');
  }

  writeConfig(): void {
    // cdb_size and sense_size are written as what they are
  }

  start(): void {
    this.starts++;
  }

  reset(): void {
    this.#kept = undefined;
  }

  handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending' {
    return queueIndex === VIRTIO_SCSI_CONTROL_QUEUE ? this.#manage(chain) : this.#execute(chain);
  }

  #execute(chain: DescriptorChain): number | 'pending' {
    const request = seenRequest(chain);
    this.requests.push(request);
    const answer = this.answer(request);
    const { latency = 0 } = this.#options;
    if (answer === 'silent') {
      this.#kept = chain;
      return 'pending';
    }
    if (latency === 0 || this.#host === undefined) return write(chain, answer);
    return this.#host.later(REQUEST_QUEUE, chain, latency, () => write(chain, answer));
  }

  #manage(chain: DescriptorChain): number | 'pending' {
    const subtype = chain.readUint32(VIRTIO_SCSI_CTRL_TMF.subtype);
    const lun = hex(chain, VIRTIO_SCSI_CTRL_TMF.lun, 8);
    this.functions.push(`${subtype} ${lun} ${chain.readUint32(VIRTIO_SCSI_CTRL_TMF.id)}`);
    if (subtype === VIRTIO_SCSI_T_TMF_ABORT_TASK) this.#abort();
    const response = this.#options.manage?.(subtype, lun) ?? 0;
    if (response === 'silent') return 'pending';
    if (response === 'unwritten') return 0;
    chain.writeUint8(0, response);
    return 1;
  }

  #abort(): void {
    if (this.#kept === undefined || this.#options.keepsAborted === true) return;
    const written = write(this.#kept, { response: VIRTIO_SCSI_S_ABORTED });
    this.#host?.complete(REQUEST_QUEUE, this.#kept, written);
    this.#kept = undefined;
  }
}

function seenRequest(chain: DescriptorChain): SeenRequest {
  const { readableCount, segmentCount } = chain;
  const lengths = Array.from({ length: segmentCount }, (_, at) => chain.segment(at).length);
  const header = lengths[0] ?? 0;
  const cdb = new Uint8Array(header - VIRTIO_SCSI_REQ.cdb);
  chain.readBytes(VIRTIO_SCSI_REQ.cdb, cdb);
  const dataOut = new Uint8Array(chain.readableLength - header);
  chain.readBytes(header, dataOut);
  const { bytes, offset } = chain.segment(readableCount);
  return {
    lun: hex(chain, VIRTIO_SCSI_REQ.lun, 8),
    id: chain.readUint32(VIRTIO_SCSI_REQ.id),
    cdb,
    dataOut,
    lengths,
    readable: readableCount,
    preset: bytes[offset + VIRTIO_SCSI_RESP.response] ?? 0,
  };
}

/** @returns the used length */
function write(chain: DescriptorChain, answer: Answer): number {
  const { response = 0, status = 0, sense = new Uint8Array(0), residual = 0, dataIn } = answer;
  const bytes = new Uint8Array(RESPONSE_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(VIRTIO_SCSI_RESP.senseLen, answer.senseLen ?? sense.length, true);
  view.setUint32(VIRTIO_SCSI_RESP.residual, residual, true);
  view.setUint8(VIRTIO_SCSI_RESP.status, status);
  view.setUint8(VIRTIO_SCSI_RESP.response, response);
  bytes.set(sense, VIRTIO_SCSI_RESP.sense);
  const { written = chain.writableLength } = answer;
  chain.writeBytes(0, bytes);
  if (dataIn !== undefined) chain.writeBytes(RESPONSE_SIZE, dataIn);
  return written;
}

function hex(chain: DescriptorChain, at: number, length: number): string {
  const digits = Array.from({ length }, (_, index) => chain.readUint8(at + index).toString(16));
  return digits.map((digit) => digit.padStart(2, '0')).join('');
}
