import type { DebugRecord } from '@dxelab/dxe-core';
import type { MachineFinding } from '@dxelab/emulated-machine';
import type { EventFilter, TraceSink } from '@dxelab/trace';
import type { BootPhaseName } from '../report/boot-report.ts';

/** Who watches a boot while it runs; whatever is called must not throw. */
export interface BootObservers {
  /** Receives trace events. It is ended with the boot. */
  readonly trace?: TraceSink | undefined;
  /** Which events the trace receives; all, if absent. */
  readonly traceFilter?: EventFilter | undefined;
  /** Whether the trace has every access to the waist, too: `waist_*`. Default: no, it is slow. */
  readonly traceWaist?: boolean | undefined;
  /** Receives the console's text, piece by piece. */
  readonly onConsole?: ((text: string) => void) | undefined;
  readonly onDebug?: ((record: DebugRecord) => void) | undefined;
  readonly onFinding?: ((finding: MachineFinding) => void) | undefined;
  readonly onPhase?: ((name: BootPhaseName) => void) | undefined;
  /** Milliseconds since any moment; `performance.now` where there is one. Default: `Date.now`. */
  readonly wallClock?: (() => number) | undefined;
}
