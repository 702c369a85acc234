import { plainValue } from './field-text.ts';
import type { TraceSink } from './trace-sink.ts';

/** What happens on the machine's side of the waist; everything else is done by the CPU. */
const DEVICE_EVENT = /^(?:memory_region_|interrupt_|virtio_|virtqueue_|pci_)/u;

/** Fields that say whom an event is about. */
const SUBJECTS: ReadonlySet<string> = new Set(['driver', 'image', 'module', 'phase']);

/** How names begin and end a slice. */
const BEGINS = /_(?:begin|enter)$/u;
const ENDS = /_(?:end|leave)$/u;

/** Identifiers of threads, in the order in which a viewer lists them. */
const THREADS = { cpu: 1, devices: 2 } as const;

interface OpenSlice {
  readonly name: string;
  /** What the viewer shows; an end that has another than its beginning ends nothing. */
  readonly title: string;
  readonly thread: number;
}

export interface ChromeSinkOptions {
  /** The name of the process in the viewer; the scenario's, for instance. */
  readonly title?: string;
}

/**
 * The Trace Event Format of Chrome, which Perfetto (ui.perfetto.dev) opens as well. `x_begin` and
 * `x_end`, or `x_enter` and `x_leave`, become a slice named `x`; everything else is an instant. It is written as it comes, in the
 * array form, whose closing bracket may be missing: the trace of a run that was killed can be opened.
 * @param write receives pieces of one JSON text
 */
export function chromeSink(
  write: (text: string) => void,
  options: ChromeSinkOptions = {},
): TraceSink {
  /** Slices that have begun and not ended, innermost last. */
  const open: OpenSlice[] = [];
  let latest = 0;

  function emit(phase: string, thread: number, rest: Readonly<Record<string, unknown>>): void {
    const event = { ph: phase, pid: 1, tid: thread, ...rest };
    write(`,\n${JSON.stringify(event, (_key, value) => plainValue(value))}`);
  }

  function closeInnermost(fields?: object): void {
    const slice = open.pop();
    if (slice === undefined) return;
    const args = fields === undefined ? {} : { args: fields };
    emit('E', slice.thread, { name: slice.title, ts: microseconds(latest), ...args });
  }

  write(`[${metadata('process_name', THREADS.cpu, options.title ?? 'dxelab')}`);
  for (const [name, thread] of Object.entries(THREADS)) {
    write(`,\n${metadata('thread_name', thread, name)}`);
  }
  return {
    record(time: number, name: string, fields: object): void {
      latest = time;
      const thread = DEVICE_EVENT.test(name) ? THREADS.devices : THREADS.cpu;
      const ts = microseconds(time);
      if (BEGINS.test(name)) {
        const begun = name.replace(BEGINS, '');
        const title = sliceTitle(begun, fields);
        open.push({ name: begun, title, thread });
        emit('B', thread, { name: title, ts, args: fields });
        return;
      }
      if (ENDS.test(name)) {
        const ended = name.replace(ENDS, '');
        const index = open.findLastIndex((slice) => slice.name === ended);
        if (index >= 0) {
          // What an exception left open inside ends with it.
          while (open.length > index + 1) closeInnermost();
          closeInnermost(fields);
          return;
        }
      }
      emit('i', thread, { name, ts, s: 't', args: fields });
    },
    end(): void {
      while (open.length > 0) closeInnermost();
      write('\n]\n');
    },
  };
}

/** The format's unit; three decimals keep every nanosecond. */
function microseconds(nanoseconds: number): number {
  return Number((nanoseconds / 1000).toFixed(3));
}

/** A slice shows on whom it worked: `driver_start VirtioBlkDxe`. */
function sliceTitle(name: string, fields: object): string {
  const subject = Object.entries(fields).find(([key]) => SUBJECTS.has(key))?.[1];
  return typeof subject === 'string' ? `${name} ${subject}` : name;
}

function metadata(what: string, thread: number, name: string): string {
  return JSON.stringify({ name: what, ph: 'M', pid: 1, tid: thread, args: { name } });
}
