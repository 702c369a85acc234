import type { MachineKind } from '@dxelab/scenario';
import type { Profile } from '@dxelab/uefi-lib';

/** What pictures can be written as. */
export const RING_FORMATS = ['text', 'svg', 'json'] as const;

/** The options of `dxelab ring`, as commander parses them. */
export interface RingOptions {
  readonly device?: string;
  readonly queue?: number;
  readonly request: number | 'last';
  readonly step?: number;
  readonly all?: boolean;
  readonly list?: boolean;
  readonly format: (typeof RING_FORMATS)[number];
  readonly output?: string;
  readonly machine?: MachineKind;
  readonly profile?: Profile;
  readonly timeout: number;
}
