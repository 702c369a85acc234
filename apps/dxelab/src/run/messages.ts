import type { BootReport } from '@dxelab/scenario';

/** What the worker is to boot: plain data, as it crosses into another thread. */
export interface BootRequest {
  readonly scenario: ScenarioSource;
  readonly trace: TraceRequest | undefined;
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

/** What the worker says: where it is, and at last the report, or why there can be none. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly phase: string }
  | { readonly kind: 'report'; readonly report: BootReport; readonly succeeded: boolean }
  | { readonly kind: 'problem'; readonly message: string };
