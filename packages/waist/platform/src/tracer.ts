import type { WaistTraceEvents } from './instrument/trace-events.ts';

/**
 * All trace events by their stable names, with their fields. Each package adds its own by declaration
 * merging, beside the code that raises them. Names are in the style of QEMU's trace events.
 */
export interface TraceEvents extends WaistTraceEvents {
  /** The lab's own remark in a trace. */
  readonly lab_note: { readonly text: string };
}

export type TraceEventName = keyof TraceEvents;

/**
 * Receives trace events. A `Tracer` field is `undefined` when tracing is off, so that an event costs
 * one comparison: `this.#trace?.('virtio_queue_notify', { … })`.
 */
export type Tracer = <Name extends TraceEventName>(name: Name, fields: TraceEvents[Name]) => void;
