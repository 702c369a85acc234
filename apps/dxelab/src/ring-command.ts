import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { MACHINE_KINDS, parseSeconds, PROFILES } from './boot-options.ts';
import { print, show, styleOf } from './command-output.ts';
import { DEMO_SCENARIO } from './demo-scenario.ts';
import { Progress } from './render/progress.ts';
import type { RingOptions } from './ring/ring-options.ts';
import { RING_FORMATS } from './ring/ring-options.ts';
import { runInWorker } from './run/run-in-worker.ts';

const EXAMPLES = `
Examples:
  dxelab ring                                 the first request of the demonstration, in flight
  dxelab ring --all                           … from its first descriptor until it is used
  dxelab ring my-scenario.yaml --list         which devices and queues there are, with how many requests
  dxelab ring my-scenario.yaml --device scsi --queue 2 --request 12 --step 3
  dxelab ring --request last --format svg > ring.svg
  dxelab ring --all --format svg --output pictures
  dxelab ring --all --format json | jq '.pictures[].snapshot.inFlight'

A request is a chain of descriptors that the driver makes available. They are counted from 1 for each
queue, from power-on; each has several steps. A boot that fails has pictures, too.

Exit status: 0; 1 if --timeout ended the run; 2 if there was nothing to boot, or no such device, queue,
request or step; 130 after Ctrl-C.`;

/** `dxelab ring`: draws a queue at a moment of a run. */
export function ringCommand(): Command {
  return new Command('ring')
    .description('draw a virtqueue at any moment of a run, step by step through a request')
    .argument('[scenario]', 'a scenario in YAML; without it, the demonstration')
    .option('--device <name>', 'such as virtio-blk 02.0, or a part of it (default: the first)')
    .option('--queue <index>', 'of the device (default: the first with requests)', parseIndex)
    .option('--request <number>', 'from 1, or last', parseRequest, 1)
    .addOption(
      new Option('--step <number>', 'of the request, from 1 (default: when the device has it)')
        .argParser(parseCount)
        .conflicts('all'),
    )
    .option('--all', 'every step of the request')
    .option('--list', 'list the queues of the run instead')
    .addOption(
      new Option('--format <format>', 'of the pictures').choices(RING_FORMATS).default('text'),
    )
    .option('--output <folder>', 'write each picture into a file there')
    .addOption(
      new Option(
        '--machine <kind>',
        "which machine (default: the scenario's, or emulated)",
      ).choices(MACHINE_KINDS),
    )
    .addOption(
      new Option(
        '--profile <profile>',
        "of the firmware (default: the scenario's, or specification)",
      ).choices(PROFILES),
    )
    .option('--timeout <seconds>', 'of real time, for a driver that loops', parseSeconds, 120)
    .addHelpText('after', EXAMPLES)
    .action(ring);
}

async function ring(scenario: string | undefined, options: RingOptions): Promise<void> {
  const { device, queue, request, step, all, format, machine, profile, timeout } = options;
  const progress = new Progress(process.stderr);
  progress.start();
  const result = await runInWorker(
    {
      task: 'ring',
      scenario: { kind: 'file', path: resolve(scenario ?? DEMO_SCENARIO) },
      machine,
      profile,
      selection:
        options.list === true
          ? undefined
          : { device, queue, request, step: all === true ? 'all' : step },
    },
    { timeout, onProgress: (phase) => progress.show(phase) },
  );
  progress.stop();
  if (result.kind !== 'ring') {
    process.exitCode = show(result, format === 'json');
    return;
  }
  // only now: no other command draws
  const { drawRing } = await import('./ring/draw-ring.ts');
  const drawn = drawRing(result, options, {
    style: styleOf(process.stdout),
    width: process.stdout.columns,
  });
  if ('problem' in drawn) {
    process.exitCode = show({ kind: 'problem', message: drawn.problem }, format === 'json');
  } else print(drawn.text);
}

function parseIndex(text: string): number {
  const index = Number(text);
  if (/^\d+$/u.test(text) && index <= 0xffff) return index;
  throw new InvalidArgumentError('expected a number from 0 to 65535');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/u.test(text) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError('expected a number from 1');
}

function parseRequest(text: string): number | 'last' {
  return text === 'last' ? text : parseCount(text);
}
