import type { Tracer } from '@dxelab/platform';
import type { EventFilter } from './event-filter.ts';
import type { TraceSink } from './trace-sink.ts';

export interface TracerOptions {
  /** The virtual time, in nanoseconds since power-on. */
  readonly now: () => number;
  /** Which events reach the sink; all, if absent. */
  readonly filter?: EventFilter | undefined;
}

/** What the machine and the firmware call: stamps each event with the time and hands it to the sink. */
export function createTracer(sink: TraceSink, options: TracerOptions): Tracer {
  const { now, filter } = options;
  return (name, fields) => {
    if (filter !== undefined && !filter(name)) return;
    sink.record(now(), name, fields);
  };
}
