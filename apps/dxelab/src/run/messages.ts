import type { Comparison } from '@dxelab/compare';
import type { BootReport, MachineKind } from '@dxelab/scenario';

/** What the worker is to do: plain data, as it crosses into another thread. */
export type LabRequest = BootRequest | CompareRequest;

export interface BootRequest {
  readonly task: 'boot';
  readonly scenario: ScenarioSource;
  /** In place of what the scenario says. */
  readonly machine: MachineKind | undefined;
  /** What is typed at the serial console, in place of what the scenario says. */
  readonly input: string | undefined;
  readonly trace: TraceRequest | undefined;
}

export interface CompareRequest {
  readonly task: 'compare';
  readonly scenario: ScenarioSource;
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
  | { readonly kind: 'problem'; readonly message: string }
  | LabReport;

/** What came of a request. */
export type LabReport =
  | { readonly kind: 'report'; readonly report: BootReport; readonly succeeded: boolean }
  | { readonly kind: 'comparison'; readonly comparison: Comparison; readonly succeeded: boolean };
