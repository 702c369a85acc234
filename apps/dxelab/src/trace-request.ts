import { extname } from 'node:path';
import type { BootOptions } from './boot-options.ts';
import { UsageError } from './boot-options.ts';
import type { TraceFormat, TraceRequest } from './run/messages.ts';
import { traceTail } from './run/trace-tail.ts';

const FORMATS: ReadonlyMap<string, TraceFormat> = new Map([
  ['.json', 'chrome'],
  ['.jsonl', 'json-lines'],
  ['.txt', 'text'],
  ['.log', 'text'],
]);

/** The format follows from the file's name. @throws UsageError for a name that tells none */
export function traceRequest({ trace: path, events }: BootOptions): TraceRequest | undefined {
  if (path === undefined) {
    if (events === undefined) return undefined;
    throw new UsageError('--events chooses among the events of a trace: say with --trace where to');
  }
  const format = FORMATS.get(extname(path).toLowerCase());
  if (format !== undefined) return { path, format, events: events ?? [], tail: traceTail() };
  const known = [...FORMATS].map(([extension, name]) => `${extension} (${name})`).join(', ');
  throw new UsageError(`--trace ${path}: the name of a trace ends in ${known}`);
}
