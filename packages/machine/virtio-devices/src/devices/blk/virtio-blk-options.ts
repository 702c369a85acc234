import { MachineSetupError } from '@dxelab/emulated-machine';
import { VIRTIO_BLK_ID_BYTES, VIRTIO_BLK_SECTOR_SIZE } from '@dxelab/virtio';
import type { BlockBackend } from '@dxelab/block-backends';

/** How a request ends (virtio §5.2.6). */
export type VirtioBlkStatus = 'OK' | 'IOERR' | 'UNSUPP';

/** What a driver may know of the disk to choose sizes well, in blocks (virtio §5.2.4). */
export interface VirtioBlkTopology {
  /** Logical blocks in a physical one, as a power of two: 3 is 4096 bytes over 512. Default 0. */
  readonly physicalBlockExp?: number;
  /** The first logical block that begins a physical one. Default 0. */
  readonly alignmentOffset?: number;
  /** Default 1, or as many blocks as a physical one has. */
  readonly minIoSize?: number;
  /** Default 0: no hint. */
  readonly optIoSize?: number;
}

/** A virtio block device. */
export interface VirtioBlkOptions {
  readonly backend: BlockBackend;
  /** Default: what the backend says. */
  readonly readOnly?: boolean;
  /** The logical block, in bytes: a power of two from 512, the default, to 4096. */
  readonly blockSize?: number;
  readonly topology?: VirtioBlkTopology;
  /** Whether writes may stay in a cache until a flush: the default. The driver may change it. */
  readonly writeCache?: boolean;
  /** Answers GET_ID: up to 20 characters of ASCII. */
  readonly serial?: string;
  /** In descriptors: a power of two up to 32768, or 0 for a device without a queue. Default 256. */
  readonly queueSize?: number;
  /** Data segments of a request at most. Default: the queue without header and status. */
  readonly segMax?: number;
  /** Bytes of a data segment at most. Default: any. */
  readonly sizeMax?: number;
  /** Whether DISCARD is offered. Default: whether the backend can. */
  readonly discard?: boolean;
  /** Whether WRITE_ZEROES is offered. Default: unless the device is read-only. */
  readonly writeZeroes?: boolean;
  /** How long a request takes, in nanoseconds; by default it is done within the notification. */
  readonly latency?: number;
  /** How requests end that are well formed: each alike, or as `type` and `sector` decide. */
  readonly status?:
    | VirtioBlkStatus
    | ((type: number, sector: number) => VirtioBlkStatus | undefined);
  /** A capacity to claim in place of the true one, in sectors of 512 bytes: for a device that lies. */
  readonly claimedCapacity?: bigint;
}

/** The options with every default in its place. */
export interface VirtioBlkSettings {
  readonly backend: BlockBackend;
  readonly readOnly: boolean;
  readonly blockSize: number;
  readonly topology: Required<VirtioBlkTopology>;
  readonly writeCache: boolean;
  readonly serial: string;
  readonly queueSize: number;
  readonly segMax: number;
  readonly sizeMax: number | undefined;
  readonly discard: boolean;
  readonly writeZeroes: boolean;
  readonly latency: number;
  readonly status: ((type: number, sector: number) => VirtioBlkStatus | undefined) | undefined;
  readonly claimedCapacity: bigint | undefined;
}

const BLOCK_SIZES = [512, 1024, 2048, 4096];

/**
 * Fills in the defaults.
 * @throws MachineSetupError for an option that no disk can have
 */
export function virtioBlkSettings(options: VirtioBlkOptions): VirtioBlkSettings {
  const { backend } = options;
  const blockSize = options.blockSize ?? VIRTIO_BLK_SECTOR_SIZE;
  if (!BLOCK_SIZES.includes(blockSize)) refuse('blockSize', BLOCK_SIZES.join(', '), blockSize);
  if (backend.size === 0) refuse('backend', `at least one block of ${blockSize} bytes`, '0 bytes');
  if (!Number.isSafeInteger(backend.size) || backend.size % blockSize !== 0) {
    refuse('backend', `whole blocks of ${blockSize} bytes`, `${backend.size} bytes`);
  }
  const queueSize = integer('queueSize', options.queueSize ?? 256, 0, 32768);
  if ((queueSize & (queueSize - 1)) !== 0) refuse('queueSize', 'a power of two, or 0', queueSize);
  const serial = options.serial ?? '';
  if (serial.length > VIRTIO_BLK_ID_BYTES || !/^[\x20-\x7e]*$/.test(serial)) {
    refuse('serial', `up to ${VIRTIO_BLK_ID_BYTES} printable characters of ASCII`, `'${serial}'`);
  }
  const readOnly = options.readOnly ?? backend.readOnly;
  if (!readOnly && backend.readOnly) refuse('readOnly', 'true, as the backend is', false);
  const status = typeof options.status === 'string' ? constant(options.status) : options.status;
  return {
    backend,
    readOnly,
    blockSize,
    topology: topology(options.topology ?? {}),
    writeCache: options.writeCache ?? true,
    serial,
    queueSize,
    segMax: integer('segMax', options.segMax ?? Math.max(1, queueSize - 2), 1, 32768),
    sizeMax:
      options.sizeMax === undefined
        ? undefined
        : integer('sizeMax', options.sizeMax, 1, 0xffff_ffff),
    discard: !readOnly && (options.discard ?? backend.discard !== undefined),
    writeZeroes: !readOnly && (options.writeZeroes ?? true),
    latency: integer('latency', options.latency ?? 0, 0, Number.MAX_SAFE_INTEGER),
    status,
    claimedCapacity: capacity(options.claimedCapacity),
  };
}

function topology(options: VirtioBlkTopology): Required<VirtioBlkTopology> {
  const physicalBlockExp = integer('physicalBlockExp', options.physicalBlockExp ?? 0, 0, 255);
  return {
    physicalBlockExp,
    alignmentOffset: integer('alignmentOffset', options.alignmentOffset ?? 0, 0, 255),
    minIoSize: integer(
      'minIoSize',
      options.minIoSize ?? 2 ** Math.min(physicalBlockExp, 15),
      0,
      0xffff,
    ),
    optIoSize: integer('optIoSize', options.optIoSize ?? 0, 0, 0xffff_ffff),
  };
}

function capacity(claimed: bigint | undefined): bigint | undefined {
  if (claimed !== undefined && claimed !== BigInt.asUintN(64, claimed)) {
    refuse('claimedCapacity', '64 bits', claimed);
  }
  return claimed;
}

function constant(status: VirtioBlkStatus): (() => VirtioBlkStatus) | undefined {
  return status === 'OK' ? undefined : () => status;
}

function integer(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    refuse(name, `a whole number from ${least} to ${most}`, value);
  }
  return value;
}

function refuse(name: string, expected: string, came: string | number | bigint | boolean): never {
  throw new MachineSetupError(`virtio-blk: ${name} must be ${expected}; it is ${came}`);
}
