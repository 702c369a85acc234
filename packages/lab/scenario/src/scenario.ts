import type { InterruptOptions } from '@dxelab/dxe-core';
import type { QemuMachineType } from '@dxelab/qemu-machine';
import type { ScsiCdRomOptions, ScsiDiskOptions } from '@dxelab/scsi-targets';
import type { DevicePath, EfiErrorWord, Guid } from '@dxelab/uefi';
import type { DxeModule, Profile, QuirkName } from '@dxelab/uefi-lib';
import type { VirtioRingOptions } from '@dxelab/virtio-lib';
import type { NonVolatileStorage, VariableRecord } from '@dxelab/variable-runtime-dxe';
import type {
  BlockBackend,
  EntropySource,
  RingOptions,
  VirtioBlkOptions,
  VirtioBlkTopology,
  VirtioRngOptions,
  VirtioScsiOptions,
} from '@dxelab/virtio-devices';
import type { BootResult, RequestPart } from './differences-input.ts';
import type { RingDriverName } from './rings-input.ts';
import type {
  CustomDevice,
  MachineKind,
  OutcomeKind,
  VirtioTransportName,
} from './scenario-input.ts';
import type { ScenarioSource } from './source/scenario-source.ts';
import type { TextPattern } from './units/text-pattern.ts';

/** A scenario that has been read and checked: every default in its place, every unit converted. */
export interface Scenario extends ScenarioData {
  /** Where it was written, for messages. */
  readonly source: ScenarioSource;
}

export interface ScenarioData {
  readonly name?: string | undefined;
  readonly machine: MachineData;
  readonly firmware: FirmwareData;
  readonly steps: readonly StepData[];
  readonly expect: readonly ExpectationData[];
  readonly differences: readonly DifferenceData[];
}

export interface MachineData {
  readonly kind: MachineKind;
  /** Of QEMU's; `undefined` for the one that has the devices' transport. */
  readonly machine?: QemuMachineType | undefined;
  /** In bytes. */
  readonly memory: number;
  readonly privateMemory: boolean;
  readonly seed: number;
  /** What the clock shows at power-on, in seconds since 1970; or the host's time. */
  readonly time: number | 'host';
  /** What is typed; `at` is in nanoseconds since power-on. */
  readonly input: readonly { readonly text: string; readonly at: number }[];
  readonly budget: {
    /** In nanoseconds. */
    readonly virtualTime: number;
    readonly accesses: number;
  };
  readonly devices: readonly DeviceData[];
}

/** `kind` is the key that the device was written under. */
export type DeviceData =
  | VirtioBlkData
  | VirtioScsiData
  | VirtioRngData
  | PciBridgeData
  | CustomDeviceData;

/** How a virtio device is attached: to a slot on PCI, or as a version of the MMIO transport. */
export interface VirtioData {
  readonly transport: VirtioTransportName;
  readonly version: 1 | 2 | undefined;
  readonly slot: string | undefined;
  readonly accessPlatform: boolean | undefined;
  readonly ring: RingOptions | undefined;
}

/** What a disk holds: a file of the host, zeros, or a live backend. */
export type ImageData = string | { readonly zeros: number } | BlockBackend;

export interface VirtioBlkData extends VirtioData {
  readonly kind: 'virtio-blk';
  readonly image: ImageData;
  readonly writable: boolean;
  readonly topology: VirtioBlkTopology | undefined;
  /** What goes to the device as it stands. */
  readonly options: Omit<VirtioBlkOptions, 'backend' | 'topology'>;
}

export interface VirtioScsiData extends VirtioData {
  readonly kind: 'virtio-scsi';
  readonly units: readonly ScsiUnitData[];
  /** What goes to the device as it stands. */
  readonly options: Omit<VirtioScsiOptions, 'units' | 'claims'>;
}

/** A logical unit; `type` is the key that it was written under. */
export type ScsiUnitData = ScsiDiskData | ScsiCdromData;

/** Where a logical unit is. */
interface ScsiPlaceData {
  readonly target: number;
  readonly lun: number;
}

export interface ScsiDiskData extends ScsiPlaceData {
  readonly type: 'disk';
  readonly image: ImageData;
  readonly writable: boolean;
  /** What goes to the disk as it stands. */
  readonly options: Omit<ScsiDiskOptions, 'backend' | 'name'>;
}

export interface ScsiCdromData extends ScsiPlaceData {
  readonly type: 'cdrom';
  /** `undefined` for an empty drive. */
  readonly image: ImageData | undefined;
  /** What goes to the drive as it stands. */
  readonly options: Omit<ScsiCdRomOptions, 'backend' | 'name'>;
}

export interface VirtioRngData extends VirtioData {
  readonly kind: 'virtio-rng';
  readonly entropy: 'seeded' | 'host' | EntropySource;
  /** What goes to the device as it stands. */
  readonly options: Omit<VirtioRngOptions, 'entropy'>;
}

export interface PciBridgeData {
  readonly kind: 'pci-bridge';
  readonly slot: string | undefined;
  readonly devices: readonly DeviceData[];
}

export interface CustomDeviceData extends VirtioData {
  readonly kind: 'custom';
  readonly device: string | (() => CustomDevice);
}

export interface FirmwareData {
  readonly profile: Profile;
  readonly quirks: Partial<Readonly<Record<QuirkName, boolean>>>;
  readonly drivers: readonly (string | DxeModule)[];
  /** What is missing keeps OVMF's rings. */
  readonly rings: Partial<Readonly<Record<RingDriverName, VirtioRingOptions>>>;
  readonly memoryGuard: boolean;
  readonly interrupts: InterruptOptions;
  /** `undefined` for none. */
  readonly variables?: VariablesData | undefined;
  readonly bootOptions: readonly BootOptionData[];
  readonly standIns: Readonly<Record<string, string | DxeModule>>;
}

/** A variable that there is when the machine is switched on. */
export type VariableData = Omit<VariableRecord, 'timeStamp'>;

/** A store in a file of the host, variables that are listed, or a live storage. */
export type VariablesData =
  | { readonly file: string; readonly writable: boolean }
  | readonly VariableData[]
  | NonVolatileStorage;

export interface BootOptionData {
  readonly description: string;
  readonly devicePath: DevicePath;
}

export type StepData =
  | { readonly kind: 'boot' }
  | {
      readonly kind: 'connect' | 'disconnect';
      /** As reports write it; `undefined` for all controllers. */
      readonly controller: string | undefined;
    };

export type ExpectationData =
  | {
      readonly kind: 'outcome';
      readonly outcome: OutcomeKind;
      readonly image: string | undefined;
      readonly message: TextPattern | undefined;
    }
  | {
      readonly kind: 'handle';
      /** As reports write it. */
      readonly handle: string;
      readonly present: boolean;
      readonly driver: string | undefined;
      readonly protocols: readonly string[];
      readonly ring: TextPattern | undefined;
    }
  | {
      readonly kind: 'attempt';
      readonly attempt: TextPattern;
      readonly status: 'EFI_SUCCESS' | EfiErrorWord;
      readonly reason: TextPattern | undefined;
    }
  | {
      readonly kind: 'variable';
      readonly variable: string;
      readonly vendor: Guid;
      readonly present: boolean;
      readonly value: TextPattern | undefined;
      /** Hexadecimal digits, two for each byte. */
      readonly data: string | undefined;
    }
  | { readonly kind: 'console' | 'debug'; readonly pattern: TextPattern }
  | { readonly kind: 'interruptDepth'; readonly atLeast: number; readonly atMost: number }
  | { readonly kind: 'findings'; readonly rules: readonly string[] };

/** A difference that is allowed; `device` and names may have `*` in them. */
export type DifferenceData = { readonly reason: string } & (
  | {
      readonly kind: 'features';
      readonly device: string;
      /** Numbers of bits. */
      readonly bits: readonly number[];
    }
  | { readonly kind: 'register' | 'call'; readonly device: string; readonly name: string }
  | {
      readonly kind: 'request';
      readonly device: string;
      readonly part: RequestPart;
      /** `undefined` for all. */
      readonly queue: number | undefined;
      /** Of SCSI commands, by name and by `target:lun`, with `*`; `undefined` for all requests. */
      readonly command: string | undefined;
      readonly unit: string | undefined;
    }
  /** As `formatPciSlot` writes slots; `undefined` for all. */
  | { readonly kind: 'chipset'; readonly slots: readonly string[] | undefined }
  | { readonly kind: 'boot'; readonly result: BootResult }
);
