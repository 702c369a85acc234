import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createNodeHost, HostError } from '@dxelab/node-host';
import type { Scenario } from '@dxelab/scenario';
import { boot, parseScenario, prepareScenario, ScenarioError, succeeded } from '@dxelab/scenario';
import { eventFilter } from '@dxelab/trace';
import type { BootRequest, ScenarioSource, WorkerMessage } from './messages.ts';
import { openTrace } from './trace-file.ts';

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
      // every access to the machine is in a trace only if it is asked for: there are many
      traceWaist: request.trace?.events.some((glob) => glob.startsWith('waist_')),
      wallClock: () => performance.now(),
    });
    return { kind: 'report', report, succeeded: succeeded(report) };
  } finally {
    trace?.close();
    prepared.close();
  }
}

/** What is wrong with a scenario or a file is told in words; anything else is a bug of the lab. */
function problemOf(caught: unknown, source: ScenarioSource): string {
  if (caught instanceof ScenarioError && source.kind === 'text') {
    // nobody has seen that scenario: what counts is the option that the value came from
    return caught.problems
      .map(({ path, message }) => `${source.options[path] ?? path}: ${message}`)
      .join('\n');
  }
  if (caught instanceof ScenarioError || caught instanceof HostError) return caught.message;
  return caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
}

// what the main thread gave this worker to do; it knows no other type
const request: BootRequest = workerData;
run(request).then(say, (caught: unknown) =>
  say({ kind: 'problem', message: problemOf(caught, request.scenario) }),
);
