import { closeSync, openSync, writeSync } from 'node:fs';
import { HostError } from '@dxelab/node-host';
import type { TraceSink } from '@dxelab/trace';
import { chromeSink, jsonLinesSink, textSink } from '@dxelab/trace';
import type { TraceRequest } from './messages.ts';
import { keptBytes, keptLength } from './trace-tail.ts';

const SINKS = { text: textSink, 'json-lines': jsonLinesSink, chrome: chromeSink } as const;

/** @throws HostError if the file cannot be written */
export function openTrace({ path, format, tail }: TraceRequest): TraceSink & { close(): void } {
  const file = open(path);
  const used = keptLength(tail);
  const kept = keptBytes(tail);
  const flush = (): void => {
    writeSync(file, kept, 0, used[0] ?? 0);
    used[0] = 0;
  };
  const sink = SINKS[format]((text) => {
    const size = Buffer.byteLength(text);
    if ((used[0] ?? 0) + size > kept.length) flush();
    if (size > kept.length) writeSync(file, text);
    else used[0] = (used[0] ?? 0) + kept.write(text, used[0] ?? 0);
  });
  return {
    record: (time, name, fields) => sink.record(time, name, fields),
    end: () => sink.end(),
    close: () => {
      flush();
      closeSync(file);
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (caught) {
    const missing = caught instanceof Error && 'code' in caught && caught.code === 'ENOENT';
    if (missing) throw new HostError(`--trace ${path}: there is no such directory`);
    throw HostError.about(`--trace ${path}`, caught);
  }
}
