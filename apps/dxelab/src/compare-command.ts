import { resolve } from 'node:path';
import type { Profile } from '@dxelab/uefi-lib';
import { Command, Option } from 'commander';
import { parseSeconds, PROFILES } from './boot-options.ts';
import { show } from './command-output.ts';
import { DEMO_SCENARIO } from './demo-scenario.ts';
import { Progress } from './render/progress.ts';
import { runInWorker } from './run/run-in-worker.ts';

/** The options of `dxelab compare`, as commander parses them. */
interface CompareOptions {
  readonly profile?: Profile;
  readonly json?: boolean;
  readonly timeout: number;
}

const EXAMPLES = `
Examples:
  dxelab compare                          compare the machines with the demonstration disk
  dxelab compare my-scenario.yaml         … with what a scenario describes
  dxelab compare --json | jq .differences

What may differ is declared in the scenario, each with its reason:
  differences:
    - { features: [4], reason: QEMU invents a geometry for each disk }
    - { chipset: any, reason: a q35 has an ICH9 }

Exit status: 0 if both boots succeed as for dxelab boot and nothing differs that is not declared; 1 if
not; 2 if there was nothing to compare, or no QEMU; 130 after Ctrl-C.`;

/** `dxelab compare`: runs a scenario on both machines, and shows side by side what differs. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('boot a scenario on the emulated machine and on QEMU, and show what differs')
    .argument('[scenario]', 'a scenario in YAML; without it, the demonstration')
    .addOption(
      new Option(
        '--profile <profile>',
        "of the firmware (default: the scenario's, or specification)",
      ).choices(PROFILES),
    )
    .option('--json', 'print the whole comparison as JSON')
    .option('--timeout <seconds>', 'of real time, for both boots', parseSeconds, 240)
    .addHelpText('after', EXAMPLES)
    .action(compare);
}

async function compare(scenario: string | undefined, options: CompareOptions): Promise<void> {
  const progress = new Progress(process.stderr);
  progress.start();
  const path = resolve(scenario ?? DEMO_SCENARIO);
  const result = await runInWorker(
    { task: 'compare', scenario: { kind: 'file', path }, profile: options.profile },
    { timeout: options.timeout, onProgress: (phase) => progress.show(phase) },
  );
  progress.stop();
  process.exitCode = show(result, options.json === true);
}
