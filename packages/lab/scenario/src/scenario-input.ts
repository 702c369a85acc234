import type { Device } from '@dxelab/emulated-machine';
import type { PciFunction } from '@dxelab/pci-devices';
import type { QemuMachineType } from '@dxelab/qemu-machine';
import type { EfiErrorWord } from '@dxelab/uefi';
import type { DxeModule, Profile, QuirkName } from '@dxelab/uefi-lib';
import type {
  BlockBackend,
  EntropySource,
  RingOptions,
  VirtioBlkStatus,
  VirtioBlkTopology,
  VirtioDeviceModel,
} from '@dxelab/virtio-devices';
import type { DifferenceInput } from './differences-input.ts';
import type { InterruptDepthInput, InterruptsInput } from './interrupts-input.ts';
import type { DriverRingsInput } from './rings-input.ts';
import type { VirtioScsiInput } from './scsi-input.ts';
import type { Duration } from './units/duration.ts';
import type { Size } from './units/size.ts';
import type { VariableExpectationInput, VariablesInput } from './variables-input.ts';

// A scenario as it is written: YAML and TypeScript alike. Where YAML names a file, TypeScript may give
// the object itself; such places are marked "live".

/** A boot written down: the machine, the firmware, the steps, and what must be true. */
export interface ScenarioInput {
  /** Shown in reports. */
  readonly name?: string | undefined;
  readonly machine?: MachineInput | undefined;
  readonly firmware?: FirmwareInput | undefined;
  /** What is done, in this order. Default: `[boot]`. */
  readonly steps?: readonly StepInput[] | undefined;
  /** What must be true in the end. */
  readonly expect?: readonly ExpectationInput[] | undefined;
  /** In what two machines may differ, when the scenario is run on both to compare them. */
  readonly differences?: readonly DifferenceInput[] | undefined;
}

/** What machines there are. */
export const MACHINE_KINDS = ['emulated', 'qemu'] as const;

export type MachineKind = (typeof MACHINE_KINDS)[number];

/** QEMU's machine types that a scenario can name: two with PCI, and one with MMIO. */
export const QEMU_MACHINES = ['pc', 'q35', 'microvm'] as const;

export interface MachineInput {
  /** Default: `emulated`. `qemu` is a real QEMU. */
  readonly kind?: MachineKind | undefined;
  /** Which of QEMU's machines. Default: `q35`, or `microvm` if devices are on MMIO. */
  readonly machine?: QemuMachineType | undefined;
  /** RAM, in whole pages. Default: 256 MiB. */
  readonly memory?: Size | undefined;
  /** Whether devices reach only pages that the CPU has shared, as under SEV or TDX. Default: no. */
  readonly privateMemory?: boolean | undefined;
  /** Of the machine's random numbers: the same seed is the same run. Default: 0. */
  readonly seed?: number | undefined;
  /**
   * What the clock shows at power-on, in UTC: `2026-11-21T12:00:00Z`; or `host` for the host's time, which is
   * another in each run. Default: 2026-01-01T00:00:00Z.
   */
  readonly time?: string | undefined;
  /** What is typed at the serial console of an emulated machine: at once, or each text at its time. */
  readonly input?: string | readonly TypedInput[] | undefined;
  /** What a boot may use before it is ended with a report. */
  readonly budget?: BudgetInput | undefined;
  readonly devices?: readonly DeviceInput[] | undefined;
}

/** A text that is typed. */
export interface TypedInput {
  readonly text: string;
  /** From power-on. Default: 0 s. */
  readonly at?: Duration | undefined;
}

export interface BudgetInput {
  /** Default: 1 min. */
  readonly virtualTime?: Duration | undefined;
  /** Accesses to the hardware. Default: 200 million. */
  readonly accesses?: number | undefined;
}

/** One device: exactly one of these keys. */
export type DeviceInput =
  | { readonly 'virtio-blk': VirtioBlkInput }
  | { readonly 'virtio-scsi': VirtioScsiInput }
  | { readonly 'virtio-rng': VirtioRngInput }
  | { readonly 'pci-bridge': PciBridgeInput }
  | { readonly custom: CustomDeviceInput };

/** Where a PCI function stands. */
export interface PciSlotInput {
  /**
   * `00:02.0` or `02.0`: device and function in hexadecimal, on the bus that the device is listed
   * under. Default: the next free device number from 02 up.
   */
  readonly slot?: string | undefined;
}

/** The transports of virtio: with or without the legacy interface on PCI (virtio §4.1), and MMIO (§4.2). */
export const VIRTIO_TRANSPORTS = ['pci-modern', 'pci-legacy', 'pci-transitional', 'mmio'] as const;

export type VirtioTransportName = (typeof VIRTIO_TRANSPORTS)[number];

/** How a virtio device is attached. */
export interface VirtioInput extends PciSlotInput {
  /** Default: `pci-modern`. With `mmio` there is no `slot`: the machine's MMIO slots are filled from the last. */
  readonly transport?: VirtioTransportName | undefined;
  /** Of `mmio`: 1 is the legacy transport. Default: 2. */
  readonly version?: 1 | 2 | undefined;
  /**
   * Whether the device insists on VIRTIO_F_ACCESS_PLATFORM, bit 33, as QEMU's do with `iommu_platform=on`. Of
   * `pci-modern` and `mmio` version 2. Default: where memory is private.
   */
  readonly accessPlatform?: boolean | undefined;
  /**
   * What it offers for its rings, and how it uses them. Packed rings, in-order use and notification data are of
   * `pci-modern`, `pci-transitional` and `mmio` version 2. What is not said is as QEMU has it.
   */
  readonly ring?: RingOptions | undefined;
}

/** A raw image, by its path from the scenario's file; or an empty disk of a size; or a live backend. */
export type ImageInput = string | { readonly zeros: Size } | BlockBackend;

/** A virtio block device (virtio §5.2). */
export interface VirtioBlkInput extends VirtioInput {
  readonly image: ImageInput;
  /**
   * Whether writes go to the image itself. Default: no, they go to a copy-on-write overlay that is
   * forgotten after the boot.
   */
  readonly writable?: boolean | undefined;
  /** Whether the device refuses writes. Default: no. */
  readonly readOnly?: boolean | undefined;
  /** The logical block, in bytes: 512 (the default), 1024, 2048 or 4096. */
  readonly blockSize?: number | undefined;
  readonly topology?: VirtioBlkTopology | undefined;
  /** Whether writes may stay in the device's cache until a flush. Default: yes. */
  readonly writeCache?: boolean | undefined;
  /** Up to 20 characters of ASCII. */
  readonly serial?: string | undefined;
  /** In descriptors: a power of two up to 32768. Default: 256. */
  readonly queueSize?: number | undefined;
  /** Data segments of a request at most. */
  readonly segMax?: number | undefined;
  /** Bytes of a data segment at most. */
  readonly sizeMax?: number | undefined;
  /** Whether DISCARD is offered. */
  readonly discard?: boolean | undefined;
  /** Whether WRITE_ZEROES is offered. */
  readonly writeZeroes?: boolean | undefined;
  /** How long a request takes. Default: it is done at once. */
  readonly latency?: Duration | undefined;
  /** How every well-formed request ends; a live function decides by type and sector. Default: OK. */
  readonly status?:
    | VirtioBlkStatus
    | ((type: number, sector: number) => VirtioBlkStatus | undefined)
    | undefined;
  /** Live: a capacity to claim in place of the true one, in sectors of 512 bytes. */
  readonly claimedCapacity?: bigint | undefined;
}

/** Where entropy comes from that is not a live function's. */
export const ENTROPY_NAMES = ['seeded', 'host'] as const;

/** A virtio entropy device (virtio §5.4). */
export interface VirtioRngInput extends VirtioInput {
  /**
   * `seeded` (the default): the machine's seed says it all, so that a run can be repeated; `host`: the
   * host's own entropy; or a live function that fills an array.
   */
  readonly entropy?: (typeof ENTROPY_NAMES)[number] | EntropySource | undefined;
  /**
   * Bytes of an answer at most; 0 for a device that never has any. On QEMU it is also what all answers
   * within 20 milliseconds have together. Default: as many as are asked for.
   */
  readonly bytesPerAnswer?: number | undefined;
  /** In descriptors: a power of two up to 32768. Default: 8. */
  readonly queueSize?: number | undefined;
  /** How long a request takes. Default: it is done at once. */
  readonly latency?: Duration | undefined;
}

/** A PCI-to-PCI bridge. */
export interface PciBridgeInput extends PciSlotInput {
  /** On the bus behind it. */
  readonly devices?: readonly DeviceInput[] | undefined;
}

/** A device of the user's own: attached to the machine's bus, plugged into a slot, or given a transport. */
export type CustomDevice = Device | PciFunction | VirtioDeviceModel;

export interface CustomDeviceInput extends VirtioInput {
  /** A module that exports `createDevice()`, by its path; or that function itself, live. */
  readonly device: string | (() => CustomDevice);
}

export interface FirmwareInput {
  /** `specification` (the default): what the standards say; `edk2`: what ships. */
  readonly profile?: Profile | undefined;
  /** Single deviations, switched on or off whatever the profile says. */
  readonly quirks?: Partial<Readonly<Record<QuirkName, boolean>>> | undefined;
  /**
   * In the order of the firmware volume: `ovmf` for OVMF's own, a path from the scenario's file (it
   * begins with `.` or `/`), the name of a package; or a live module. Default: `[ovmf]`.
   */
  readonly drivers?: readonly (string | DxeModule)[] | undefined;
  /**
   * What OVMF's drivers ask their rings to be like, by the drivers' names; `all` is all that can be asked
   * for. They get what device and transport have of it. Default: OVMF's rings.
   */
  readonly rings?: DriverRingsInput | undefined;
  /**
   * Whether drivers' use of guest memory is watched: use after free, overflow and double free are then
   * findings. It is slow. Default: no.
   */
  readonly memoryGuard?: boolean | undefined;
  /** How the timer interrupts, and how deep its interrupts may nest. */
  readonly interrupts?: InterruptsInput | undefined;
  /** UEFI variables that are there when the machine is switched on. Default: none. */
  readonly variables?: VariablesInput | undefined;
  /** Tried in this order, behind BootNext and before BootOrder. */
  readonly bootOptions?: readonly BootOptionInput[] | undefined;
  /**
   * TypeScript modules that run in place of image files: by the file's path on its volume
   * (`\EFI\BOOT\BOOTX64.EFI`), or behind the volume's device path and a `/`.
   */
  readonly standIns?: Readonly<Record<string, string | DxeModule>> | undefined;
}

/** A device path, full or short, with or without a description. */
export type BootOptionInput =
  | string
  | { readonly path: string; readonly description?: string | undefined };

/**
 * `boot`: dispatch the drivers, then let BDS boot; `connect` and `disconnect`: dispatch the drivers,
 * if that has not been done, then connect or disconnect a controller by its device path, or `all`.
 */
export type StepInput = 'boot' | { readonly connect: string } | { readonly disconnect: string };

/** How a boot ended. */
export const OUTCOMES = [
  /** The loader left boot services and returned or exited. */
  'boot-services-exited',
  /** Control went to machine code, which no image runtime executes. */
  'handed-over',
  /** All steps were done and nothing ended the world. */
  'completed',
  /** A step of the scenario could not be done. */
  'step-failed',
  /** A driver, or another piece of JavaScript, threw what is not a status. */
  'crashed',
  'reset',
  'asserted',
  'budget-spent',
  'stopped',
  'power-loss',
  'interrupted',
] as const;

export type OutcomeKind = (typeof OUTCOMES)[number];

/** Something that must be true in the end: exactly one of the first keys, with what goes with it. */
export type ExpectationInput =
  | OutcomeExpectationInput
  | HandleExpectationInput
  | AttemptExpectationInput
  | VariableExpectationInput
  | { readonly console: string | RegExp }
  | { readonly debug: string | RegExp }
  | { readonly interruptDepth: number | InterruptDepthInput }
  | { readonly findings: 'none' | readonly string[] };

/** How the boot ended. */
export interface OutcomeExpectationInput {
  readonly outcome: OutcomeKind;
  /** The image that control was handed to, by its path on its volume. */
  readonly image?: string | undefined;
  /** A part of the outcome's message, or `/…/`. */
  readonly message?: string | RegExp | undefined;
}

/** A handle with this device path. */
export interface HandleExpectationInput {
  readonly handle: string;
  /** Whether there is to be one. Default: yes. */
  readonly present?: boolean | undefined;
  /** A driver that manages it. */
  readonly driver?: string | undefined;
  /** Protocols that are installed on it, by name or GUID. */
  readonly protocols?: readonly string[] | undefined;
  /** What its virtio driver's rings are like, as the report says it: a part of that, or `/…/`. */
  readonly ring?: string | RegExp | undefined;
}

/** An attempt of BDS to boot. */
export interface AttemptExpectationInput {
  /** A part of the option's description or device path, or `/…/`. */
  readonly attempt: string | RegExp;
  readonly status: 'EFI_SUCCESS' | EfiErrorWord;
  /** A part of the reason, or `/…/`. */
  readonly reason?: string | RegExp | undefined;
}
