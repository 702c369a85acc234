import type { BootAttempt } from '@dxelab/bds-dxe';
import type { InterruptCounts } from '@dxelab/dxe-core';
import type { Guid } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import type { VirtioNegotiated } from '@dxelab/virtio-lib';
import type { OutcomeKind } from '../scenario-input.ts';

/** What happened in a boot: plain data, the same for the same scenario but for wall times. */
export interface BootReport {
  readonly scenario: {
    readonly file: string;
    /** Absent if it has none. */
    readonly name: string | undefined;
  };
  /** The machine, in a few words. */
  readonly machine: string;
  /** Which time `virtualTime` and the phases count: that of QEMU is real. */
  readonly clock: 'virtual' | 'real';
  readonly profile: Profile;
  readonly outcome: BootOutcome;
  /** In the order of `BOOT_PHASES`. */
  readonly phases: readonly BootPhase[];
  /** In nanoseconds, from power-on to the end. */
  readonly virtualTime: number;
  /** To the hardware, by the CPU. */
  readonly accesses: number;
  readonly interrupts: InterruptCounts;
  /** Every handle, by its number. */
  readonly handles: readonly ReportedHandle[];
  /** What BDS tried to boot, in order. */
  readonly attempts: readonly BootAttempt[];
  /** All that there were in the end, those that a reset forgets first. */
  readonly variables: readonly ReportedVariable[];
  readonly troubles: readonly DriverTrouble[];
  /** What drivers did against the rules, as the devices noticed it. */
  readonly findings: readonly ReportedFinding[];
  readonly debug: readonly DebugMessage[];
  /** What came out of the serial port, as text. */
  readonly console: string;
  readonly expectations: readonly ExpectationResult[];
}

/** How a boot ended, and what is known of it: an entry point, a stack, who polled. */
export interface BootOutcome {
  readonly kind: OutcomeKind;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** What the time of a boot goes to. A boot enters some of them more than once. */
export const BOOT_PHASES = [
  /** Building the machine and the core. */
  'machine',
  /** Drivers' entry points. */
  'dispatch',
  /** Drivers are asked, and started, on controllers. */
  'connect',
  /** Looking for boot files and loading them. */
  'load',
  /** What was loaded runs. */
  'image',
] as const;

/** One of BOOT_PHASES. */
export type BootPhaseName = (typeof BOOT_PHASES)[number];

/** What a phase took, all of its parts together. */
export interface BootPhase {
  readonly name: BootPhaseName;
  /** In nanoseconds. */
  readonly virtualTime: number;
  /** In milliseconds. */
  readonly wallTime: number;
}

/** One handle of the database. */
export interface ReportedHandle {
  readonly number: number;
  /** As text; absent if it has none. */
  readonly devicePath: string | undefined;
  /** The name of the image whose handle it is; absent if it is none's. */
  readonly image: string | undefined;
  /** What its driver calls itself in English, with EFI_COMPONENT_NAME2_PROTOCOL. */
  readonly driverName?: string | undefined;
  /** The UEFI that its driver is for, with EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL: `2.11`. */
  readonly efiVersion?: string | undefined;
  /** Names, newest first. */
  readonly protocols: readonly string[];
  /** GUIDs, in the order of `protocols`. */
  readonly guids: readonly string[];
  /** Who manages it: the names of those who have one of its protocols open BY_DRIVER. */
  readonly drivers: readonly string[];
  /** What a driver on VirtioLib has agreed on with this device; absent for all others. */
  readonly virtio?: VirtioNegotiated | undefined;
  /** The numbers of the handles that a bus driver made on it. */
  readonly children: readonly number[];
}

/** A UEFI variable. */
export interface ReportedVariable {
  readonly name: string;
  readonly vendor: Guid;
  /** Names such as `NV,BS,RT`. */
  readonly attributes: string;
  /** As text, where the specification says what it means. */
  readonly value: string | undefined;
  /** Hexadecimal digits, two for each byte. */
  readonly data: string;
}

/** A driver that is not where one might expect it. */
export interface DriverTrouble {
  readonly driver: string;
  /** Not needed is who says EFI_UNSUPPORTED at its entry point: this machine has nothing for it. */
  readonly kind: 'not-dispatched' | 'entry-failed' | 'not-needed' | 'start-failed';
  /** The controller of a failed Start: its device path, or its number. */
  readonly controller: string | undefined;
  readonly reason: string;
}

/** A rule that a driver broke, as often as it did so in the same way. */
export interface ReportedFinding {
  /** Specification and section. */
  readonly rule: string;
  /** Who noticed: a device, the machine, or DxeCore. */
  readonly device: string;
  readonly message: string;
  /** How often; the fields are those of the first time. */
  readonly count: number;
  /** Of the first time, in nanoseconds since power-on. */
  readonly virtualTime: number;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** What a module said with DEBUG. */
export interface DebugMessage {
  /** In nanoseconds since power-on. */
  readonly time: number;
  /** One of the DEBUG_ levels. */
  readonly level: number;
  readonly module: string;
  readonly message: string;
}

/** An expectation of the scenario, judged. */
export interface ExpectationResult {
  /** What was expected, in words. */
  readonly text: string;
  readonly held: boolean;
  /** What came, in words. */
  readonly actual: string;
}

/** How a boot ends in which nothing failed. */
const SUCCESSES: ReadonlySet<OutcomeKind> = new Set([
  'boot-services-exited',
  'handed-over',
  'completed',
]);

/**
 * Whether a boot is a success: with expectations, if all hold; without, if the loader left boot
 * services, control went to machine code, or all steps were done, none of which boots.
 */
export function succeeded({ expectations, outcome }: BootReport): boolean {
  if (expectations.length > 0) return expectations.every(({ held }) => held);
  return SUCCESSES.has(outcome.kind);
}
