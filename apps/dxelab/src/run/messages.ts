import type { Comparison, Pair } from '@dxelab/compare';
import type { QueueSummary, RingSelection, RingStory } from '@dxelab/ring';
import type { BootReport, MachineKind } from '@dxelab/scenario';
import type { Profile } from '@dxelab/uefi-lib';
import type { SerialRequest } from '../live/serial-request.ts';

/** What a worker is given. */
export interface LabWork {
  readonly request: LabRequest;
  /** Where it notes whom the firmware waits for, see `workNote`. */
  readonly work: SharedArrayBuffer;
}

/** What the worker is to do: plain data, as it crosses into another thread. */
export type LabRequest = BootRequest | CompareRequest | RingRequest;

export interface BootRequest {
  readonly task: 'boot';
  readonly scenario: ScenarioSource;
  /** In place of what the scenario says. */
  readonly machine: MachineKind | undefined;
  readonly profile: Profile | undefined;
  /** What is typed at the serial console, in place of what the scenario says. */
  readonly input: string | undefined;
  /** Its serial port, if somebody is to see it while it runs. */
  readonly serial: SerialRequest | undefined;
  readonly trace: TraceRequest | undefined;
}

export interface CompareRequest {
  readonly task: 'compare';
  readonly scenario: ScenarioSource;
  /** In place of what the scenario says. */
  readonly profile: Profile | undefined;
}

export interface RingRequest {
  readonly task: 'ring';
  readonly scenario: ScenarioSource;
  /** In place of what the scenario says. */
  readonly machine: MachineKind | undefined;
  readonly profile: Profile | undefined;
  /** Which pictures are wanted; `undefined`: only which queues there are. */
  readonly selection: RingSelection | undefined;
}

/** A file; or the command line's own scenario, with paths relative to `base`. */
export type ScenarioSource =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly base: string;
      /** Which option of the command line gave what stands at a path of the scenario. */
      readonly options: Readonly<Record<string, string>>;
    };

export type TraceFormat = 'text' | 'json-lines' | 'chrome';

export interface TraceRequest {
  readonly path: string;
  readonly format: TraceFormat;
  /** Which events are wanted, as globs over their names, as QEMU takes them. */
  readonly events: readonly string[];
  /** What has not been written yet, see `traceTail`. */
  readonly tail: SharedArrayBuffer;
}

/** What the worker says: where it is, and at last what came of it, or why nothing can. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly phase: string }
  /** Something has left the serial port: see `SerialRequest`. */
  | { readonly kind: 'serial' }
  | { readonly kind: 'problem'; readonly message: string }
  | LabReport;

/** What came of a request. */
export type LabReport = Account | RingReport;

/** What is told of boots: how they went, and whether that is a success. */
export type Account =
  | { readonly kind: 'report'; readonly report: BootReport; readonly succeeded: boolean }
  | {
      readonly kind: 'comparison';
      readonly comparison: Comparison;
      /** Of each boot by itself. */
      readonly booted: Pair<boolean>;
      readonly succeeded: boolean;
    };

/** The queues of a run, and what was asked for of one of them. */
export interface RingReport {
  readonly kind: 'ring';
  readonly queues: readonly QueueSummary[];
  readonly story: RingStory | undefined;
}
