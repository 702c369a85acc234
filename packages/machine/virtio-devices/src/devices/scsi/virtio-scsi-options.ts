import { MachineSetupError } from '@dxelab/emulated-machine';
import type { ScsiLogicalUnit } from '@dxelab/scsi-targets';
import type { VIRTIO_SCSI_CONFIG } from '@dxelab/virtio';
import type { VirtioScsiResponse, VirtioScsiTmfResponse } from './virtio-scsi-responses.ts';

/** A command on its way, for options that decide command by command. */
export interface VirtioScsiCommand {
  readonly target: number;
  readonly lun: number;
  /** As many bytes as the driver sends; only valid during the call. */
  readonly cdb: Uint8Array;
}

/** A task management function, for options that decide one by one. */
export interface VirtioScsiTmf {
  /** VIRTIO_SCSI_T_TMF_*. */
  readonly subtype: number;
  readonly target: number;
  readonly lun: number;
}

/** A logical unit and where it is. */
export interface VirtioScsiUnit {
  /** 0 to 255. */
  readonly target: number;
  /** 0 to 16383. */
  readonly lun: number;
  readonly unit: ScsiLogicalUnit;
}

/** A SCSI host. What is not given is as QEMU has it. */
export interface VirtioScsiOptions {
  readonly units?: readonly VirtioScsiUnit[];
  /** How many request queues: 1 to 64. Default 1. */
  readonly requestQueues?: number;
  /** Of each queue, in descriptors: a power of two up to 32768, or 0 for a device without queues. Default 256. */
  readonly queueSize?: number;
  /** Segments of data of a command at most, in each direction. Default: the queue without the two headers. */
  readonly segMax?: number;
  /** The hint for the largest transfer, in sectors of 512 bytes. Default 65535. */
  readonly maxSectors?: number;
  /** Commands under way for one logical unit at most. Default 128. */
  readonly cmdPerLun?: number;
  /** Where a driver may stop looking. Defaults 255 and 16383. */
  readonly maxTarget?: number;
  readonly maxLun?: number;
  /** Whether a command may move data both ways: VIRTIO_SCSI_F_INOUT. Default: no. */
  readonly inout?: boolean;
  /** Whether the driver is told of units that come and go: VIRTIO_SCSI_F_HOTPLUG. Default: yes. */
  readonly hotplug?: boolean;
  /** Whether it is told of what changes in them: VIRTIO_SCSI_F_CHANGE. Default: yes. */
  readonly paramChange?: boolean;
  /**
   * How long a command takes, in nanoseconds; by default it is done within the notification. One that
   * takes `Infinity` is under way until it is aborted, or the device is reset.
   */
  readonly latency?: number | ((command: VirtioScsiCommand) => number);
  /** How commands end that are well formed, without having been carried out. */
  readonly response?:
    | VirtioScsiResponse
    | ((command: VirtioScsiCommand) => VirtioScsiResponse | undefined);
  /** How task management functions end, without effect; `never` is not answered. */
  readonly taskManagement?:
    | VirtioScsiTmfResponse
    | 'never'
    | ((tmf: VirtioScsiTmf) => VirtioScsiTmfResponse | 'never' | undefined);
  /** Fields of the configuration that are not the truth: for a device that lies. */
  readonly claims?: Readonly<Partial<Record<keyof typeof VIRTIO_SCSI_CONFIG, number>>>;
}

/** The options with every default in its place. */
export interface VirtioScsiSettings {
  readonly requestQueues: number;
  readonly queueSize: number;
  readonly segMax: number;
  readonly maxSectors: number;
  readonly cmdPerLun: number;
  readonly maxTarget: number;
  readonly maxLun: number;
  readonly inout: boolean;
  readonly hotplug: boolean;
  readonly paramChange: boolean;
  readonly latency: ((command: VirtioScsiCommand) => number) | undefined;
  readonly response: ((command: VirtioScsiCommand) => VirtioScsiResponse | undefined) | undefined;
  readonly taskManagement:
    | ((tmf: VirtioScsiTmf) => VirtioScsiTmfResponse | 'never' | undefined)
    | undefined;
  readonly claims: NonNullable<VirtioScsiOptions['claims']>;
}

const UINT32_MAX = 0xffff_ffff;
const MAX_TARGET = 255;
const MAX_LUN = 16383;

/**
 * Fills in the defaults.
 * @throws MachineSetupError for an option that no device can have
 */
export function virtioScsiSettings(options: VirtioScsiOptions): VirtioScsiSettings {
  const { latency, response, taskManagement } = options;
  const queueSize = integer('queueSize', options.queueSize ?? 256, 0, 32768);
  if ((queueSize & (queueSize - 1)) !== 0) refuse('queueSize', 'a power of two, or 0', queueSize);
  if (typeof latency === 'number' && !(latency >= 0)) {
    refuse('latency', 'a number of nanoseconds from 0, or Infinity', latency);
  }
  return {
    requestQueues: integer('requestQueues', options.requestQueues ?? 1, 1, 64),
    queueSize,
    segMax: integer('segMax', options.segMax ?? Math.max(1, queueSize - 2), 1, 32768),
    maxSectors: integer('maxSectors', options.maxSectors ?? 0xffff, 1, UINT32_MAX),
    cmdPerLun: integer('cmdPerLun', options.cmdPerLun ?? 128, 1, UINT32_MAX),
    maxTarget: integer('maxTarget', options.maxTarget ?? MAX_TARGET, 0, MAX_TARGET),
    maxLun: integer('maxLun', options.maxLun ?? MAX_LUN, 0, MAX_LUN),
    inout: options.inout ?? false,
    hotplug: options.hotplug ?? true,
    paramChange: options.paramChange ?? true,
    latency: typeof latency === 'number' ? always(latency) : latency,
    response: typeof response === 'string' ? always(response, 'OK') : response,
    taskManagement: typeof taskManagement === 'string' ? always(taskManagement) : taskManagement,
    claims: options.claims ?? {},
  };
}

/** @throws MachineSetupError for a place where no logical unit can be */
export function checkUnitPlace(settings: VirtioScsiSettings, target: number, lun: number): void {
  integer('target', target, 0, settings.maxTarget);
  integer('lun', lun, 0, settings.maxLun);
}

function always<Value>(value: Value, unless?: Value): (() => Value) | undefined {
  return value === (unless ?? 0) ? undefined : () => value;
}

function integer(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    refuse(name, `a whole number from ${least} to ${most}`, value);
  }
  return value;
}

function refuse(name: string, expected: string, came: number): never {
  throw new MachineSetupError(`virtio-scsi: ${name} must be ${expected}; it is ${came}`);
}
