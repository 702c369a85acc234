import { Command, Option } from 'commander';
import type { BootOptions } from './boot-options.ts';
import {
  MACHINE_KINDS,
  parseSeconds,
  PROFILES,
  scenarioSource,
  timeoutOf,
  typedInput,
  UsageError,
} from './boot-options.ts';
import { show } from './command-output.ts';
import { openSerial } from './live/open-serial.ts';
import { serialRequest } from './live/serial-request.ts';
import { Progress } from './render/progress.ts';
import type { BootRequest } from './run/messages.ts';
import { runInWorker } from './run/run-in-worker.ts';
import { traceRequest } from './trace-request.ts';

const EXAMPLES = `
Examples:
  dxelab boot                                    boot the demonstration disk
  dxelab boot my-scenario.yaml                   boot what a scenario describes
  dxelab boot my-scenario.yaml --machine qemu    … on a real QEMU
  dxelab boot my-scenario.yaml --profile edk2    … with a firmware as OVMF is, with its quirks
  dxelab boot --disk disk.img                    boot a disk; it is not changed
  dxelab boot --trace boot.json                  … and open boot.json in ui.perfetto.dev
  dxelab boot --trace boot.txt --events 'virtio_*'
  dxelab boot my-scenario.yaml --interactive     type at its console, as with qemu -nographic
  dxelab boot --json | jq .outcome

With --interactive the machine runs in real time, without a budget. Ctrl-A x switches it off, and the
report follows; Ctrl-C ends the boot at once; Ctrl-A h says what other keys there are.

Exit status: 0 if all expectations of the scenario hold or, without any, if the loader left boot
services (boot-services-exited), control went to machine code (handed-over), or all steps were done
(completed); 1 if not; 2 if there was nothing to boot; 130 after Ctrl-C.`;

/** `dxelab boot`: switches a machine on, and says what happened. */
export function bootCommand(): Command {
  return new Command('boot')
    .description('switch on a machine and boot a scenario or a disk')
    .argument('[scenario]', 'a scenario in YAML; without it and --disk, the demonstration')
    .option('--disk <image>', 'boot this raw disk image (or .gz) as a virtio block device')
    .option('--writable', 'let the guest change the disk: without it, what it writes is forgotten')
    .option('--memory <size>', 'of the machine, with --disk (default: 256 MiB)')
    .addOption(
      new Option(
        '--profile <profile>',
        "of the firmware (default: the scenario's, or specification)",
      ).choices(PROFILES),
    )
    .addOption(
      new Option(
        '--machine <kind>',
        "which machine (default: the scenario's, or emulated)",
      ).choices(MACHINE_KINDS),
    )
    .option('--input <file>', 'type this file at the serial console; - for standard input')
    .option('-i, --interactive', 'type at the serial console while it runs, and see what it shows')
    .option('--serial-log <file>', 'write what leaves the serial port to this file, as it comes')
    .option('--trace <file>', 'write a trace: .json (Perfetto, Chrome), .jsonl or .txt')
    .option(
      '--events <globs>',
      'which events to trace, such as virtio_*,-virtio_blk_*; waist_* is every access',
      (text) => text.split(','),
    )
    .option('--json', 'print the whole report as JSON')
    .option(
      '--timeout <seconds>',
      'of real time, for a driver that loops (default: 120, and none with --interactive)',
      parseSeconds,
    )
    .addHelpText('after', EXAMPLES)
    .action(boot);
}

async function boot(scenario: string | undefined, options: BootOptions): Promise<void> {
  try {
    process.exitCode = await runBoot(requestOf(scenario, options), options);
  } catch (caught) {
    if (!(caught instanceof UsageError)) throw caught;
    process.exitCode = show({ kind: 'problem', message: caught.message }, options.json === true);
  }
}

/** @returns the exit status */
async function runBoot(request: BootRequest, options: BootOptions): Promise<number> {
  const serial = openSerial(request, options);
  const progress = new Progress(process.stderr);
  try {
    // a live console has the terminal for itself
    if (serial.terminal === undefined) progress.start();
    serial.terminal?.open();
    const result = await runInWorker(request, {
      timeout: timeoutOf(options),
      onProgress: (phase) => progress.show(phase),
      onSerial: (bytes) => serial.show(bytes),
      interrupt: serial.interrupt,
    });
    progress.stop();
    serial.close();
    return show(result, options.json === true);
  } finally {
    serial.close();
  }
}

/**
 * What the options ask for.
 * @throws UsageError if they cannot be meant so
 */
function requestOf(scenario: string | undefined, options: BootOptions): BootRequest {
  const { machine, profile, interactive = false, serialLog } = options;
  return {
    task: 'boot',
    scenario: scenarioSource(scenario, options),
    machine,
    profile,
    input: typedInput(options.input),
    serial: interactive || serialLog !== undefined ? serialRequest(interactive) : undefined,
    trace: traceRequest(options),
  };
}
