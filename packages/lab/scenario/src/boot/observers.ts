import type { DebugRecord, DxeCore } from '@dxelab/dxe-core';
import type { MachineFinding } from '@dxelab/emulated-machine';
import type { Platform, Tracer } from '@dxelab/platform';
import type { EventFilter, TraceSink } from '@dxelab/trace';
import type { BootPhaseName } from '../report/boot-report.ts';
import type { LiveConsole } from './live-console.ts';

/** What is put between a firmware and its machine for one boot. */
export interface BootInstrument {
  /** Wraps the machine before the firmware is made. */
  wrap(platform: Platform): Platform;
  /** The firmware is made, and nothing is dispatched yet. */
  attach(core: DxeCore): void;
  /** Receives the firmware's trace events, also before `attach`. */
  readonly tracer: Tracer;
}

/** Who watches a boot while it runs; whatever is called must not throw. */
export interface BootObservers {
  /** Receives trace events. It is ended with the boot. */
  readonly trace?: TraceSink | undefined;
  /** Which events the trace receives; all, if absent. */
  readonly traceFilter?: EventFilter | undefined;
  /** Whether the trace has every access to the waist, too: `waist_*`. Default: no, it is slow. */
  readonly traceWaist?: boolean | undefined;
  readonly instrument?: BootInstrument | undefined;
  /** Who types at the console while it runs. Default: nobody, and time is the machine's own. */
  readonly live?: LiveConsole | undefined;
  /** Receives what leaves the serial port, byte by byte. */
  readonly onSerial?: ((byte: number) => void) | undefined;
  /** Receives the console's text, piece by piece. */
  readonly onConsole?: ((text: string) => void) | undefined;
  readonly onDebug?: ((record: DebugRecord) => void) | undefined;
  readonly onFinding?: ((finding: MachineFinding) => void) | undefined;
  /**
   * Told, each time that it changes, whom the firmware has called and waits for: `Start() of FatDxe on handle 7`.
   * `undefined` when it is nobody.
   */
  readonly onWork?: ((work: string | undefined) => void) | undefined;
  readonly onPhase?: ((name: BootPhaseName) => void) | undefined;
  /** Milliseconds since any moment; `performance.now` where there is one. Default: `Date.now`. */
  readonly wallClock?: (() => number) | undefined;
}
