import type { BootReport } from '@dxelab/scenario';
import { succeeded } from '@dxelab/scenario';

/** Names of two machines, and everything else that there are two of: the first machine's, the second's. */
export type Pair<Value> = readonly [first: Value, second: Value];

/** What a comparison came to: plain data. */
export interface Comparison {
  readonly scenario: BootReport['scenario'];
  readonly machines: Pair<string>;
  /** What happened on each of them. */
  readonly boots: Pair<BootReport>;
  readonly devices: readonly DeviceComparison[];
  /** All of them, the same again only counted. */
  readonly differences: readonly Difference[];
  /** Declared differences that did not occur: where the scenario has them, and what it says. */
  readonly unused: readonly string[];
}

/** One device on both machines. */
export interface DeviceComparison {
  readonly name: string;
  /** How many events each machine has of it. */
  readonly events: Pair<number>;
  /** The events around differences, side by side. */
  readonly rows: readonly ComparisonRow[];
}

export type RowMark = 'same' | 'declared' | 'undeclared';

/** One event on both machines, or on one of them. */
export interface ComparisonRow {
  /** `undefined` where a machine has no such event. */
  readonly texts: Pair<string | undefined>;
  readonly mark: RowMark;
  /** How many rows are left out before this one: they are the same. */
  readonly skipped: number;
}

/** What kind of thing differs: as a scenario declares it. */
export type DifferenceKind = 'features' | 'register' | 'request' | 'call' | 'chipset' | 'boot';

/** Something in which the machines differ. */
export interface Difference {
  /** Which device's; empty for the machine or the boot as a whole. */
  readonly device: string;
  readonly kind: DifferenceKind;
  /** Of the register, queue (with the SCSI command), call, slot or result. */
  readonly name: string;
  /** In words: which part of it, `value`, `descriptors`, `status`. */
  readonly part: string;
  /** What each machine has; `undefined` where it has no such event. */
  readonly texts: Pair<string | undefined>;
  /** How often it was so. */
  readonly count: number;
  /** The scenario's reason; `undefined` if it declares no such difference. */
  readonly reason: string | undefined;
}

/** Whether a comparison is a success: both boots are, and nothing differs that is not declared. */
export function agrees({ boots, differences }: Comparison): boolean {
  return boots.every(succeeded) && differences.every(({ reason }) => reason !== undefined);
}
