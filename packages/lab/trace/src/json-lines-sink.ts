import { plainValue } from './field-text.ts';
import type { TraceSink } from './trace-sink.ts';

/**
 * One JSON object per line: `time` in nanoseconds, `name`, `fields`.
 * @param write receives whole lines, each with its line feed
 */
export function jsonLinesSink(write: (text: string) => void): TraceSink {
  return {
    record(time: number, name: string, fields: object): void {
      write(`${JSON.stringify({ time, name, fields }, (_key, value) => plainValue(value))}\n`);
    },
    end(): void {},
  };
}
