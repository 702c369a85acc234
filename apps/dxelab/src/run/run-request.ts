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
  withProfile,
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
import { writeWork } from './work-note.ts';

/** How the main thread hears of what happens meanwhile. */
interface Contact {
  readonly say: (news: Extract<WorkerMessage, { kind: 'progress' | 'serial' }>) => void;
  /** As in `LabWork`. */
  readonly work: SharedArrayBuffer;
}

/** Who hears of any boot, and of a comparison, whose phases name their machine as well. */
interface Observers extends Pick<BootObservers, 'onWork' | 'wallClock'> {
  readonly onPhase: (phase: string) => void;
}

/** Does what the main thread asks for, and returns what came of it, or why nothing can. */
export async function runRequest(request: LabRequest, contact: Contact): Promise<WorkerMessage> {
  try {
    contact.say({ kind: 'progress', phase: 'reading the scenario' });
    return await run(request, contact);
  } catch (caught) {
    return { kind: 'problem', message: problemOf(caught, request.scenario) };
  }
}

function run(request: LabRequest, contact: Contact): Promise<WorkerMessage> {
  switch (request.task) {
    case 'boot':
      return runBoot(request, contact);
    case 'compare':
      return runCompare(request, contact);
    case 'ring':
    default:
      return runRing(request, contact);
  }
}

/** The scenario of a request, with what the request says in place of it. */
function scenarioOf({ scenario: source, profile, ...request }: LabRequest): Scenario {
  const read = readScenario(source);
  const profiled = profile === undefined ? read : withProfile(read, profile);
  const machine = 'machine' in request ? request.machine : undefined;
  return machine === undefined ? profiled : onMachine(profiled, machine);
}

function readScenario(source: ScenarioSource): Scenario {
  if (source.kind === 'text') return parseScenario(source.text, source.base);
  try {
    return parseScenario(readFileSync(source.path, 'utf8'), source.path);
  } catch (caught) {
    throw caught instanceof ScenarioError ? caught : HostError.about(source.path, caught);
  }
}

async function runBoot(request: BootRequest, contact: Contact): Promise<WorkerMessage> {
  const { input, trace: wanted } = request;
  const scenario = scenarioOf(request);
  const prepared = await prepareScenario(
    input === undefined ? scenario : withInput(scenario, input),
    createNodeHost(import.meta.url),
  );
  const trace = wanted === undefined ? undefined : openTrace(wanted);
  try {
    const report = boot(prepared, {
      ...observersOf(contact),
      ...serialOf(request, contact),
      trace,
      traceFilter: eventFilter(wanted?.events ?? []),
      // every access to the machine is in a trace only if it is asked for: there are many
      traceWaist: wanted?.events.some((glob) => glob.startsWith('waist_')),
    });
    return { kind: 'report', report, succeeded: succeeded(report) };
  } finally {
    trace?.close();
    prepared.close();
  }
}

function observersOf({ say, work }: Contact): Observers {
  return {
    onPhase: (phase) => say({ kind: 'progress', phase }),
    onWork: (whose) => writeWork(work, whose),
    wallClock: () => performance.now(),
  };
}

/** Who sees the serial port, and who types at it. */
function serialOf(
  { serial }: BootRequest,
  { say }: Contact,
): Pick<BootObservers, 'live' | 'onSerial'> {
  if (serial === undefined) return {};
  const { shown, typed, switchedOff } = serial;
  return {
    onSerial: serialSender(shown, () => say({ kind: 'serial' })),
    live: typed && new SharedConsole(typed, switchedOff),
  };
}

async function runCompare(request: CompareRequest, contact: Contact): Promise<WorkerMessage> {
  // only now: a boot needs nothing of it
  const { agrees, compareScenario } = await import('@dxelab/compare');
  const host = createNodeHost(import.meta.url);
  const { onPhase: onProgress, ...observers } = observersOf(contact);
  const comparison = await compareScenario(scenarioOf(request), host, { onProgress, ...observers });
  const [first, second] = comparison.boots;
  const booted = [succeeded(first), succeeded(second)] as const;
  return { kind: 'comparison', comparison, booted, succeeded: agrees(comparison) };
}

async function runRing(request: RingRequest, contact: Contact): Promise<WorkerMessage> {
  // only now: a boot needs nothing of it
  const { RingRecorder, RingSelectionError, summarize, tellStory } = await import('@dxelab/ring');
  const { selection } = request;
  const prepared = await prepareScenario(scenarioOf(request), createNodeHost(import.meta.url));
  try {
    const recorder = new RingRecorder();
    boot(prepared, { ...observersOf(contact), instrument: recorder });
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
