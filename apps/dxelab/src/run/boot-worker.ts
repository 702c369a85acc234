import { openSync, readFileSync, writeSync, closeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createNodeHost, HostError } from '@dxelab/node-host';
import type { Scenario } from '@dxelab/scenario';
import { boot, parseScenario, prepareScenario, ScenarioError, succeeded } from '@dxelab/scenario';
import type { TraceSink } from '@dxelab/trace';
import { chromeSink, eventFilter, jsonLinesSink, textSink } from '@dxelab/trace';
import type { BootRequest, ScenarioSource, TraceRequest, WorkerMessage } from './messages.ts';

/** How much of a trace is kept back before it goes to the file, in characters. */
const TRACE_BUFFER = 1 << 16;

function say(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

function readScenario(source: ScenarioSource): Scenario {
  if (source.kind === 'text') return parseScenario(source.text, source.base);
  try {
    return parseScenario(readFileSync(source.path, 'utf8'), source.path);
  } catch (caught) {
    throw caught instanceof ScenarioError ? caught : HostError.about(source.path, caught);
  }
}

/** A sink that writes to a file as the boot goes on, so that what was traced is there however it ends. */
function openTrace({ path, format }: TraceRequest): TraceSink & { close(): void } {
  const file = openSync(path, 'w');
  let buffer = '';
  const flush = (): void => {
    writeSync(file, buffer);
    buffer = '';
  };
  const write = (text: string): void => {
    buffer += text;
    if (buffer.length >= TRACE_BUFFER) flush();
  };
  const sinks = { text: textSink, 'json-lines': jsonLinesSink, chrome: chromeSink } as const;
  const sink = sinks[format](write);
  return {
    record: (time, name, fields) => sink.record(time, name, fields),
    end: () => sink.end(),
    close: () => {
      flush();
      closeSync(file);
    },
  };
}

async function run(request: BootRequest): Promise<WorkerMessage> {
  say({ kind: 'progress', phase: 'reading the scenario' });
  const host = createNodeHost(import.meta.url);
  const prepared = await prepareScenario(readScenario(request.scenario), host);
  const trace = request.trace === undefined ? undefined : openTrace(request.trace);
  try {
    const report = boot(prepared, {
      onPhase: (phase) => say({ kind: 'progress', phase }),
      trace,
      traceFilter: eventFilter(request.trace?.events ?? []),
      wallClock: () => performance.now(),
    });
    return { kind: 'report', report, succeeded: succeeded(report) };
  } finally {
    trace?.close();
    prepared.close();
  }
}

/** What is wrong with a scenario or a file is told in words; anything else is a bug of the lab. */
function problemOf(caught: unknown): string {
  if (caught instanceof ScenarioError || caught instanceof HostError) return caught.message;
  return caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
}

// what the main thread gave this worker to do; it knows no other type
const request: BootRequest = workerData;
run(request).then(say, (caught: unknown) => say({ kind: 'problem', message: problemOf(caught) }));
