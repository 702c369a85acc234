import { Command, Option } from 'commander';
import type { BootOptions } from './boot-options.ts';
import {
  MACHINE_KINDS,
  parseSeconds,
  scenarioSource,
  typedInput,
  UsageError,
} from './boot-options.ts';
import { show } from './command-output.ts';
import { Progress } from './render/progress.ts';
import type { BootRequest } from './run/messages.ts';
import { runInWorker } from './run/run-in-worker.ts';
import { traceRequest } from './trace-request.ts';

const EXAMPLES = `
Examples:
  dxelab boot                                    boot the demonstration disk
  dxelab boot my-scenario.yaml                   boot what a scenario describes
  dxelab boot my-scenario.yaml --machine qemu    … on a real QEMU
  dxelab boot --disk disk.img                    boot a disk; it is not changed
  dxelab boot --disk disk.img --profile edk2     … as OVMF does, with its quirks
  dxelab boot --trace boot.json                  … and open boot.json in ui.perfetto.dev
  dxelab boot --trace boot.txt --events 'virtio_*'
  dxelab boot --json | jq .outcome

Exit status: 0 if all expectations of the scenario hold or, without any, if the loader left boot
services (boot-services-exited) or control went to machine code (handed-over); 1 if not; 2 if there
was nothing to boot.`;

/** `dxelab boot`: switches a machine on, and says what happened. */
export function bootCommand(): Command {
  return new Command('boot')
    .description('switch on a machine and boot a scenario or a disk')
    .argument('[scenario]', 'a scenario in YAML; without it and --disk, the demonstration')
    .option('--disk <image>', 'boot this raw disk image (or .gz) as a virtio block device')
    .option('--writable', 'let the guest change the disk: without it, what it writes is forgotten')
    .option('--memory <size>', 'of the machine, with --disk (default: 256 MiB)')
    .addOption(
      new Option('--profile <profile>', 'of the firmware, with --disk').choices([
        'specification',
        'edk2',
      ]),
    )
    .addOption(
      new Option('--machine <kind>', 'which machine, whatever a scenario says').choices(
        MACHINE_KINDS,
      ),
    )
    .option('--input <file>', 'type this file at the serial console; - for standard input')
    .option('--trace <file>', 'write a trace: .json (Perfetto, Chrome), .jsonl or .txt')
    .option(
      '--events <globs>',
      'which events to trace, such as virtio_*,-virtio_blk_*; waist_* is every access',
      (text) => text.split(','),
    )
    .option('--json', 'print the whole report as JSON')
    .option('--timeout <seconds>', 'of real time, for a driver that loops', parseSeconds, 120)
    .addHelpText('after', EXAMPLES)
    .action(boot);
}

async function boot(scenario: string | undefined, options: BootOptions): Promise<void> {
  const progress = new Progress(process.stderr);
  const request = requestOf(scenario, options);
  if (request instanceof Error) {
    process.exitCode = show({ kind: 'problem', message: request.message }, options.json === true);
    return;
  }
  progress.start();
  const result = await runInWorker(request, {
    timeout: options.timeout,
    onProgress: (phase) => progress.show(phase),
  });
  progress.stop();
  process.exitCode = show(result, options.json === true);
}

/** What the options ask for, or why they cannot be meant so. */
function requestOf(scenario: string | undefined, options: BootOptions): BootRequest | UsageError {
  try {
    return {
      task: 'boot',
      scenario: scenarioSource(scenario, options),
      machine: options.machine,
      input: typedInput(options.input),
      trace: traceRequest(options),
    };
  } catch (caught) {
    if (caught instanceof UsageError) return caught;
    throw caught;
  }
}
