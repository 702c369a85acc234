import { appendFileSync } from 'node:fs';
import type { TraceRequest } from './messages.ts';

/** How much of a trace is kept back before it goes to the file, in bytes. */
const TAIL_SIZE = 1 << 16;
/** Before it stands how many bytes of it are in use. */
const LENGTH_SIZE = Int32Array.BYTES_PER_ELEMENT;

/** Memory for what a trace has not written yet: it outlives the worker that traces. */
export function traceTail(): SharedArrayBuffer {
  return new SharedArrayBuffer(LENGTH_SIZE + TAIL_SIZE);
}

/** One element: how many bytes are kept. */
export function keptLength(tail: SharedArrayBuffer): Int32Array {
  return new Int32Array(tail, 0, 1);
}

export function keptBytes(tail: SharedArrayBuffer): Buffer {
  return Buffer.from(tail, LENGTH_SIZE);
}

/** Writes what a worker that was ended had still kept back: the events before a loop tell most. */
export function rescueTrace({ path, format, tail }: TraceRequest): void {
  const used = keptLength(tail)[0] ?? 0;
  if (used === 0) return;
  appendFileSync(path, keptBytes(tail).subarray(0, used));
  if (format === 'chrome') appendFileSync(path, '\n]\n');
}
