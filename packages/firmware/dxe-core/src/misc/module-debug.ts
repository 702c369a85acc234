import type { Platform, Tracer } from '@dxelab/platform';
import { TerminalSignal } from '@dxelab/platform';
import type { DebugLib } from '@dxelab/uefi-lib';
import type { CallSite } from './call-site.ts';
import { callSites } from './call-site.ts';

/** What a module said with DEBUG. */
export interface DebugRecord {
  /** One of the DEBUG_ levels. */
  readonly level: number;
  readonly module: string;
  readonly message: string;
  /** Nanoseconds since power-on. */
  readonly time: number;
}

/** DebugLib as it is linked to one module: what it says carries the module's name. MdePkg/Include/Library/DebugLib.h. */
export class ModuleDebug implements DebugLib {
  readonly #platform: Platform;
  readonly #module: string;
  readonly #sink: ((record: DebugRecord) => void) | undefined;
  readonly #trace: Tracer | undefined;

  constructor(
    platform: Platform,
    module: string,
    sink: ((record: DebugRecord) => void) | undefined,
    trace?: Tracer,
  ) {
    this.#platform = platform;
    this.#module = module;
    this.#sink = sink;
    this.#trace = trace;
  }

  debug(level: number, message: string): void {
    this.#trace?.('debug', { module: this.#module, message });
    this.#sink?.({
      level,
      module: this.#module,
      message,
      time: this.#platform.clock.now(),
    });
  }

  /** A failed assertion ends the world with the file and line of the code that asserted. */
  assert(condition: boolean, description: string): asserts condition {
    if (condition) return;
    const { file, line } = callerOf(new Error('for its stack').stack ?? '');
    this.#platform.end(
      new TerminalSignal('asserted', `ASSERT [${this.#module}] ${file}(${line}): ${description}`, {
        module: this.#module,
        file,
        line,
        description,
      }),
    );
  }
}

/** The place in a stack from which `assert` was called: its second frame. */
function callerOf(stack: string): CallSite {
  return callSites(stack)[1] ?? { file: 'unknown file', line: 0 };
}
