import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Command, Option } from 'commander';
import type { BootOptions } from './boot-options.ts';
import { parseSeconds, scenarioSource, UsageError } from './boot-options.ts';
import { Progress } from './render/progress.ts';
import { reportText } from './render/report-text.ts';
import type { Style } from './render/style.ts';
import { createStyle } from './render/style.ts';
import type { BootRequest } from './run/messages.ts';
import type { BootResult } from './run/run-boot.ts';
import { runBoot } from './run/run-boot.ts';
import { traceRequest } from './trace-request.ts';

/** Exit statuses: a boot that did not succeed, and a command that could not even boot. */
const FAILED = 1;
const UNUSABLE = 2;
/** What shells use for a command that Ctrl-C ended. */
const INTERRUPTED = 130;

const EXAMPLES = `
Examples:
  dxelab boot                                    boot the demonstration disk
  dxelab boot my-scenario.yaml                   boot what a scenario describes
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
  const result = await runBoot(request, {
    timeout: options.timeout,
    onProgress: (phase) => progress.show(phase),
  });
  progress.stop();
  process.exitCode = show(result, options.json === true);
}

/** What the options ask for, or why they cannot be meant so. */
function requestOf(scenario: string | undefined, options: BootOptions): BootRequest | UsageError {
  try {
    return { scenario: scenarioSource(scenario, options), trace: traceRequest(options) };
  } catch (caught) {
    if (caught instanceof UsageError) return caught;
    throw caught;
  }
}

/** Prints a result, and returns the exit status that it means. */
function show(result: BootResult, json: boolean): number {
  if (result.kind === 'report') {
    const { report, succeeded } = result;
    const text = json
      ? `${JSON.stringify({ succeeded, ...report }, undefined, 2)}\n`
      : reportText(report, succeeded, styleOf(process.stdout));
    print(text);
    return succeeded ? 0 : FAILED;
  }
  if (json) print(`${JSON.stringify({ succeeded: false, error: result.message })}\n`);
  else process.stderr.write(`${styleOf(process.stderr).bad('error')}: ${result.message}\n`);
  if (result.kind === 'problem') return UNUSABLE;
  return result.signal ? INTERRUPTED : FAILED;
}

/** All of it, also into a pipe that is closed early: what nobody reads is no error. */
function print(text: string): void {
  try {
    for (let rest = Buffer.from(text); rest.length > 0;) rest = rest.subarray(writeSome(rest));
  } catch (caught) {
    if (!(caught instanceof Error && 'code' in caught && caught.code === 'EPIPE')) throw caught;
  }
}

function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(process.stdout.fd, bytes);
  } catch (caught) {
    // a pipe that is full takes more a moment later
    if (caught instanceof Error && 'code' in caught && caught.code === 'EAGAIN') return 0;
    throw caught;
  }
}

/** Colours on a terminal, unless the user wants none (https://no-color.org). */
function styleOf(stream: { readonly fd: number }): Style {
  const { NO_COLOR = '', FORCE_COLOR = '0', TERM } = process.env;
  const unwanted = NO_COLOR !== '' || TERM === 'dumb';
  return createStyle(FORCE_COLOR !== '0' || (isatty(stream.fd) && !unwanted));
}
