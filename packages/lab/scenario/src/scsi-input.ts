import type {
  VirtioScsiCommand,
  VirtioScsiResponse,
  VirtioScsiTmf,
  VirtioScsiTmfResponse,
} from '@dxelab/virtio-devices';
import type { ImageInput, VirtioInput } from './scenario-input.ts';
import type { Duration } from './units/duration.ts';

/** A virtio SCSI host (virtio §5.6), with disks and CD-ROM drives. What is not given is as QEMU has it. */
export interface VirtioScsiInput extends VirtioInput {
  readonly units?: readonly ScsiUnitInput[] | undefined;
  /** How many request queues. Default: 1. */
  readonly requestQueues?: number | undefined;
  /** Of each queue, in descriptors: a power of two up to 32768. Default: 256. */
  readonly queueSize?: number | undefined;
  /** Segments of data of a command at most, in each direction. */
  readonly segMax?: number | undefined;
  /** The hint for the largest transfer, in sectors of 512 bytes. Default: 65535. */
  readonly maxSectors?: number | undefined;
  /** Commands under way for one logical unit at most. Default: 128. */
  readonly cmdPerLun?: number | undefined;
  /** Where a driver may stop looking. Defaults: 255 and 16383. */
  readonly maxTarget?: number | undefined;
  readonly maxLun?: number | undefined;
  /** Whether a command may move data both ways (VIRTIO_SCSI_F_INOUT). Default: no. */
  readonly inout?: boolean | undefined;
  /** Whether VIRTIO_SCSI_F_HOTPLUG is offered. Default: yes. */
  readonly hotplug?: boolean | undefined;
  /** Whether VIRTIO_SCSI_F_CHANGE is offered. Default: yes. */
  readonly paramChange?: boolean | undefined;
  /**
   * How long a command takes: `never` ends before it is aborted; a live function decides, in nanoseconds.
   * Default: it is done at once.
   */
  readonly latency?: Duration | ((command: VirtioScsiCommand) => number) | undefined;
  /** How every well-formed command ends; a live function decides. Default: OK. */
  readonly response?:
    | VirtioScsiResponse
    | ((command: VirtioScsiCommand) => VirtioScsiResponse | undefined)
    | undefined;
  /** How every task management function ends, without effect; a live function decides. */
  readonly taskManagement?:
    | VirtioScsiTmfResponse
    | 'never'
    | ((tmf: VirtioScsiTmf) => VirtioScsiTmfResponse | 'never' | undefined)
    | undefined;
}

/** One logical unit: exactly one of these keys. */
export type ScsiUnitInput = { readonly disk: ScsiDiskInput } | { readonly cdrom: ScsiCdromInput };

/** Where a logical unit is, and who it says it is. */
interface ScsiUnitInputBase {
  /** 0 to 255. Default: the lowest that no other unit names. */
  readonly target?: number | undefined;
  /** 0 to 16383. Default: 0. */
  readonly lun?: number | undefined;
  /** Up to 8, 16 and 4 characters of ASCII. */
  readonly vendor?: string | undefined;
  readonly product?: string | undefined;
  readonly revision?: string | undefined;
  /** Up to 36 characters of ASCII. */
  readonly serial?: string | undefined;
  /** A worldwide name: 16 hexadecimal digits. */
  readonly wwn?: string | undefined;
  /** How many commands find it becoming ready, after power-on. Default: 0. */
  readonly spinUp?: number | undefined;
}

/** A SCSI disk, QEMU's `scsi-hd`. */
export interface ScsiDiskInput extends ScsiUnitInputBase {
  readonly image: ImageInput;
  /** As of a virtio-blk device. */
  readonly writable?: boolean | undefined;
  /** Whether it is write-protected. Default: no. */
  readonly readOnly?: boolean | undefined;
  /** Whether its medium can be changed. Default: no. */
  readonly removable?: boolean | undefined;
  /** The logical block, in bytes: 512 (the default), 1024, 2048 or 4096. */
  readonly blockSize?: number | undefined;
  /** In bytes: the logical block (the default) times a power of two. */
  readonly physicalBlockSize?: number | undefined;
  /** Whether writes may stay in a cache until a flush. Default: yes. */
  readonly writeCache?: boolean | undefined;
  /** Whether UNMAP is there. */
  readonly unmap?: boolean | undefined;
  /** In rotations a minute. Default: it does not rotate. */
  readonly rotationRate?: number | undefined;
  /** Blocks that one command may move at most. */
  readonly maxTransferLength?: number | undefined;
}

/** A CD-ROM drive, QEMU's `scsi-cd`. */
export interface ScsiCdromInput extends ScsiUnitInputBase {
  /** An ISO image. Default: no disc. */
  readonly image?: ImageInput | undefined;
}
