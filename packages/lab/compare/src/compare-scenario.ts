import type {
  BootObservers,
  BootReport,
  Host,
  MachineKind,
  PreparedBoot,
  Scenario,
} from '@dxelab/scenario';
import { boot, onMachine, prepareScenario } from '@dxelab/scenario';
import type { Comparison, Pair } from './comparison.ts';
import { compareBoots } from './diff/compare-boots.ts';
import { compareRecordings } from './diff/compare-recordings.ts';
import { Declarations } from './diff/declarations.ts';
import { DifferenceList } from './diff/difference-list.ts';
import { withoutWriting } from './without-writing.ts';
import { Recorder } from './recording/recorder.ts';
import type { Recording } from './recording/recording.ts';

export interface CompareOptions {
  /** Told where the comparison is: `qemu: connect`. */
  readonly onProgress?: ((step: string) => void) | undefined;
  /** As of `BootObservers`. */
  readonly onWork?: BootObservers['onWork'];
  readonly wallClock?: BootObservers['wallClock'];
}

/** The machines that a scenario is compared on. */
const MACHINES: Pair<MachineKind> = ['emulated', 'qemu'];

/** A boot, with what its devices saw of it. */
export interface RecordedBoot {
  readonly report: BootReport;
  readonly recording: Recording;
}

/**
 * Boots a scenario on the emulated machine and on QEMU, and says in what they differ. What guests write
 * is forgotten, also where the scenario says otherwise: the second boot is to find what the first did.
 * @throws ScenarioError at the place of what one of the machines does not have
 */
export async function compareScenario(
  scenario: Scenario,
  host: Host,
  options: CompareOptions = {},
): Promise<Comparison> {
  const harmless = withoutWriting(scenario);
  const [first, second] = MACHINES;
  return compareRecorded(
    scenario,
    MACHINES,
    [
      await bootOn(onMachine(harmless, first), first, host, options),
      await bootOn(onMachine(harmless, second), second, host, options),
    ],
    options,
  );
}

/** Compares two boots of a scenario that have been recorded, wherever that was. */
export function compareRecorded(
  scenario: Scenario,
  machines: Pair<string>,
  [first, second]: Pair<RecordedBoot>,
  { onProgress }: CompareOptions = {},
): Comparison {
  onProgress?.('comparing');
  const declarations = new Declarations(scenario);
  const differences = new DifferenceList();
  const boots = [first.report, second.report] as const;
  compareBoots(boots, declarations, differences);
  const recordings = [first.recording, second.recording] as const;
  const devices = compareRecordings(recordings, declarations, differences);
  return {
    scenario: { file: scenario.source.file, name: scenario.name },
    machines,
    boots,
    devices,
    differences: differences.all,
    unused: declarations.unused,
  };
}

/** Boots what is prepared, and records it. */
export function recordBoot(
  prepared: PreparedBoot,
  observers: Pick<BootObservers, 'onPhase' | 'onWork' | 'wallClock'> = {},
): RecordedBoot {
  const recorder = new Recorder();
  const report = boot(prepared, { ...observers, instrument: recorder });
  return { report, recording: recorder.recording };
}

async function bootOn(
  scenario: Scenario,
  machine: string,
  host: Host,
  { onProgress, onWork, wallClock }: CompareOptions,
): Promise<RecordedBoot> {
  onProgress?.(`${machine}: preparing`);
  const prepared = await prepareScenario(scenario, host);
  try {
    const onPhase = (phase: string): void => onProgress?.(`${machine}: ${phase}`);
    return recordBoot(prepared, { onPhase, onWork, wallClock });
  } finally {
    prepared.close();
  }
}
