import type { BlockBackend } from '@dxelab/block-backends';
import { SCSI_TYPE_DISK } from '@dxelab/scsi';
import type { BlockUnitOptions } from '../unit/block-unit.ts';
import type { ScsiStatusOf } from '../unit/scsi-unit.ts';
import type { UnitIdentity } from '../unit/unit-identity.ts';
import { integer, refuse, unitIdentity } from '../unit/unit-identity.ts';

/** A SCSI disk. */
export interface ScsiDiskOptions extends BlockUnitOptions {
  /** `undefined`: no medium yet, in a removable disk. */
  readonly backend: BlockBackend | undefined;
  /** The logical block, in bytes: 512, the default, 1024, 2048 or 4096. */
  readonly blockSize?: number;
  /** In bytes: a power of two from the logical block, the default, on. */
  readonly physicalBlockSize?: number;
  /** Whether no medium can be written. Default: what each backend says. */
  readonly readOnly?: boolean;
  /** Whether its medium can be changed. Default false. */
  readonly removable?: boolean;
  /** Whether writes may stay in a cache until a flush: the default. The initiator may change it. */
  readonly writeCache?: boolean;
  /** Whether UNMAP is there. Default: whether the backend can discard. */
  readonly unmap?: boolean;
  /** In rotations a minute, or SCSI_ROTATION_NONE. Default 0: it is not said. */
  readonly rotationRate?: number;
  /** Blocks that one command may move at most. Default: nearly 2 GiB. */
  readonly maxTransferLength?: number;
}

/** The options with every default in its place. */
export interface ScsiDiskSettings {
  readonly identity: UnitIdentity;
  readonly backend: BlockBackend | undefined;
  readonly blockSize: number;
  readonly physicalBlockExponent: number;
  readonly readOnly: boolean;
  readonly writeCache: boolean;
  readonly canUnmap: boolean;
  readonly rotationRate: number;
  readonly maxTransferLength: number;
  readonly spinUp: number;
  readonly status: ScsiStatusOf | undefined;
}

const BLOCK_SIZES = [512, 1024, 2048, 4096];
/** In bytes: what fits a signed number of 32 bits. */
const MAX_TRANSFER = 2 ** 31 - 1;

/**
 * Fills in the defaults.
 * @throws MachineSetupError for an option that no disk can have
 */
export function scsiDiskSettings(options: ScsiDiskOptions): ScsiDiskSettings {
  const { backend } = options;
  const identity = unitIdentity(options, {
    name: 'scsi-disk',
    deviceType: SCSI_TYPE_DISK,
    removable: options.removable ?? false,
    product: 'SCSI disk',
  });
  const { name } = identity;
  const blockSize = options.blockSize ?? 512;
  if (!BLOCK_SIZES.includes(blockSize)) {
    refuse(name, 'blockSize', BLOCK_SIZES.join(', '), blockSize);
  }
  if (backend === undefined && !identity.removable) {
    refuse(name, 'backend', 'there, as the disk is not removable', 'undefined');
  }
  const physicalBlockSize = options.physicalBlockSize ?? blockSize;
  const physicalBlockExponent = Math.log2(physicalBlockSize / blockSize);
  if (!Number.isInteger(physicalBlockExponent) || physicalBlockExponent < 0) {
    const expected = `${blockSize} times a power of two`;
    refuse(name, 'physicalBlockSize', expected, physicalBlockSize);
  }
  if (options.readOnly === false && backend?.readOnly === true) {
    refuse(name, 'readOnly', 'true, as the backend is', false);
  }
  return {
    identity,
    backend,
    blockSize,
    physicalBlockExponent: integer(name, 'physicalBlockSize', physicalBlockExponent, 0, 15),
    readOnly: options.readOnly ?? false,
    writeCache: options.writeCache ?? true,
    canUnmap: options.unmap ?? backend?.discard !== undefined,
    rotationRate: integer(name, 'rotationRate', options.rotationRate ?? 0, 0, 0xfffe),
    maxTransferLength: integer(
      name,
      'maxTransferLength',
      options.maxTransferLength ?? Math.floor(MAX_TRANSFER / blockSize),
      1,
      0xffff_ffff,
    ),
    spinUp: integer(name, 'spinUp', options.spinUp ?? 0, 0, 0xffff_ffff),
    status: options.status,
  };
}
