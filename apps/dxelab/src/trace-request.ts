import { extname } from 'node:path';
import type { TraceFormat, TraceRequest } from './run/messages.ts';

const FORMATS: ReadonlyMap<string, TraceFormat> = new Map([
  ['.json', 'chrome'],
  ['.jsonl', 'json-lines'],
  ['.txt', 'text'],
  ['.log', 'text'],
]);

/** The format follows from the file's name. @throws TypeError for a name that tells none */
export function traceRequest(path: string, events: readonly string[]): TraceRequest {
  const format = FORMATS.get(extname(path).toLowerCase());
  if (format !== undefined) return { path, format, events };
  const known = [...FORMATS].map(([extension, name]) => `${extension} (${name})`).join(', ');
  throw new TypeError(`--trace ${path}: the name of a trace ends in ${known}`);
}
