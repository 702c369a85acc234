import { fieldText } from './field-text.ts';
import type { TraceSink } from './trace-sink.ts';

const NANOSECONDS = 1_000_000_000;

/**
 * One line per event, like QEMU's trace log: the virtual time in seconds, the name, then each field's
 * name and value.
 * @param write receives whole lines, each with its line feed
 */
export function textSink(write: (text: string) => void): TraceSink {
  return {
    record(time: number, name: string, fields: object): void {
      const words = Object.entries(fields).map(
        ([key, value]) => ` ${key} ${fieldText(key, value)}`,
      );
      write(`${seconds(time)} ${name}${words.join('')}\n`);
    },
    end(): void {},
  };
}

/** Nine decimals, so that no nanosecond is lost and lines stay aligned. */
function seconds(time: number): string {
  const whole = Math.floor(time / NANOSECONDS);
  const rest = Math.floor(time - whole * NANOSECONDS);
  return `${whole}.${String(rest).padStart(9, '0')}`;
}
