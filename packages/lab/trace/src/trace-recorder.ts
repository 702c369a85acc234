import type { TraceEventName, TraceEvents } from '@dxelab/platform';
import type { TraceSink } from './trace-sink.ts';

/** An event as it was recorded. */
export interface TraceRecord<Name extends string = string, Fields extends object = object> {
  /** In nanoseconds of virtual time since power-on. */
  readonly time: number;
  readonly name: Name;
  readonly fields: Fields;
}

/** A sink that keeps everything, for tests and for whoever wants to look afterwards. */
export class TraceRecorder implements TraceSink {
  readonly records: TraceRecord[] = [];

  record(time: number, name: string, fields: object): void {
    this.records.push({ time, name, fields });
  }

  end(): void {}

  /** The names, in order. */
  names(): readonly string[] {
    return this.records.map(({ name }) => name);
  }

  /** All events of one name, with the type of their fields. */
  of<Name extends TraceEventName>(name: Name): readonly TraceRecord<Name, TraceEvents[Name]>[] {
    return this.records.filter(
      (record): record is TraceRecord<Name, TraceEvents[Name]> => record.name === name,
    );
  }
}
