import { readFileSync } from 'node:fs';
import { createNodeHost, HostError } from '@dxelab/node-host';
import type { BootObservers, Scenario } from '@dxelab/scenario';
import {
  boot,
  onMachine,
  parseScenario,
  prepareScenario,
  ScenarioError,
  succeeded,
  withInput,
} from '@dxelab/scenario';
import { eventFilter } from '@dxelab/trace';
import { serialSender, SharedConsole } from '../live/shared-console.ts';
import type {
  BootRequest,
  CompareRequest,
  LabRequest,
  RingRequest,
  ScenarioSource,
  WorkerMessage,
} from './messages.ts';
import { openTrace } from './trace-file.ts';

/** Tells the main thread what happens meanwhile. */
type Say = (news: Extract<WorkerMessage, { kind: 'progress' | 'serial' }>) => void;

/** Does what the main thread asks for, and returns what came of it, or why nothing can. */
export async function runRequest(request: LabRequest, say: Say): Promise<WorkerMessage> {
  try {
    say({ kind: 'progress', phase: 'reading the scenario' });
    return await run(request, say);
  } catch (caught) {
    return { kind: 'problem', message: problemOf(caught, request.scenario) };
  }
}

function run(request: LabRequest, say: Say): Promise<WorkerMessage> {
  switch (request.task) {
    case 'boot':
      return runBoot(request, say);
    case 'compare':
      return runCompare(request, say);
    case 'ring':
    default:
      return runRing(request, say);
  }
}

function readScenario(source: ScenarioSource): Scenario {
  if (source.kind === 'text') return parseScenario(source.text, source.base);
  try {
    return parseScenario(readFileSync(source.path, 'utf8'), source.path);
  } catch (caught) {
    throw caught instanceof ScenarioError ? caught : HostError.about(source.path, caught);
  }
}

async function runBoot(request: BootRequest, say: Say): Promise<WorkerMessage> {
  const { scenario, machine, input, trace: wanted } = request;
  const said = readScenario(scenario);
  const read = input === undefined ? said : withInput(said, input);
  const host = createNodeHost(import.meta.url);
  const prepared = await prepareScenario(
    machine === undefined ? read : onMachine(read, machine),
    host,
  );
  const trace = wanted === undefined ? undefined : openTrace(wanted);
  try {
    const report = boot(prepared, {
      onPhase: (phase) => say({ kind: 'progress', phase }),
      ...serialOf(request, say),
      trace,
      traceFilter: eventFilter(wanted?.events ?? []),
      // every access to the machine is in a trace only if it is asked for: there are many
      traceWaist: wanted?.events.some((glob) => glob.startsWith('waist_')),
      wallClock: () => performance.now(),
    });
    return { kind: 'report', report, succeeded: succeeded(report) };
  } finally {
    trace?.close();
    prepared.close();
  }
}

/** Who sees the serial port, and who types at it. */
function serialOf({ serial }: BootRequest, say: Say): Pick<BootObservers, 'live' | 'onSerial'> {
  if (serial === undefined) return {};
  const { shown, typed, switchedOff } = serial;
  return {
    onSerial: serialSender(shown, () => say({ kind: 'serial' })),
    live: typed && new SharedConsole(typed, switchedOff),
  };
}

async function runCompare({ scenario }: CompareRequest, say: Say): Promise<WorkerMessage> {
  // only now: a boot needs nothing of it
  const { agrees, compareScenario } = await import('@dxelab/compare');
  const host = createNodeHost(import.meta.url);
  const comparison = await compareScenario(readScenario(scenario), host, {
    onProgress: (phase) => say({ kind: 'progress', phase }),
    wallClock: () => performance.now(),
  });
  const [first, second] = comparison.boots;
  const booted = [succeeded(first), succeeded(second)] as const;
  return { kind: 'comparison', comparison, booted, succeeded: agrees(comparison) };
}

async function runRing(
  { scenario, machine, selection }: RingRequest,
  say: Say,
): Promise<WorkerMessage> {
  // only now: a boot needs nothing of it
  const { RingRecorder, RingSelectionError, summarize, tellStory } = await import('@dxelab/ring');
  const read = readScenario(scenario);
  const prepared = await prepareScenario(
    machine === undefined ? read : onMachine(read, machine),
    createNodeHost(import.meta.url),
  );
  try {
    const recorder = new RingRecorder();
    boot(prepared, {
      instrument: recorder,
      onPhase: (phase) => say({ kind: 'progress', phase }),
      wallClock: () => performance.now(),
    });
    const { queues } = recorder;
    const story = selection === undefined ? undefined : tellStory(queues, selection);
    return { kind: 'ring', queues: summarize(queues), story };
  } catch (caught) {
    if (caught instanceof RingSelectionError) return { kind: 'problem', message: caught.message };
    throw caught;
  } finally {
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
