import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MachineKind } from '@dxelab/scenario';
import type { Profile } from '@dxelab/uefi-lib';
import { InvalidArgumentError } from 'commander';
import { DEMO_SCENARIO } from './demo-scenario.ts';
import type { ScenarioSource } from './run/messages.ts';

/** As scenarios name them; the scenario package itself is only loaded in the worker. */
export const MACHINE_KINDS = ['emulated', 'qemu'] as const satisfies readonly MachineKind[];

export const PROFILES = ['specification', 'edk2'] as const satisfies readonly Profile[];

/** The options of `dxelab boot`, as commander parses them. */
export interface BootOptions {
  readonly disk?: string;
  readonly writable?: boolean;
  readonly memory?: string;
  readonly profile?: Profile;
  readonly machine?: MachineKind;
  readonly input?: string;
  readonly interactive?: boolean;
  readonly serialLog?: string;
  readonly trace?: string;
  readonly events?: readonly string[];
  readonly json?: boolean;
  readonly timeout?: number;
}

/** In seconds; where a person sits, it is he who ends a boot. */
const USUAL_TIMEOUT = 120;

/** How long a boot may take, in seconds of real time. */
export function timeoutOf({ timeout, interactive }: BootOptions): number {
  return timeout ?? (interactive === true ? Infinity : USUAL_TIMEOUT);
}

/** Options that cannot be meant as they were given; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * What is typed at the console: a file's text, or, for `-`, all of standard input.
 * @throws UsageError if it cannot be read
 */
export function typedInput(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file === '-' ? process.stdin.fd : file, 'utf8');
  } catch (caught) {
    const reason = caught instanceof Error ? caught.message : String(caught);
    throw new UsageError(`--input ${file}: ${reason}`);
  }
}

/** What is to be booted: a scenario's file, a disk of the command line's, or the demonstration. */
export function scenarioSource(scenario: string | undefined, options: BootOptions): ScenarioSource {
  if (scenario !== undefined && options.disk !== undefined) {
    throw new UsageError('a scenario names its own disks: give a scenario or --disk, not both');
  }
  if (options.disk !== undefined) {
    const base = resolve('command-line.yaml');
    return { kind: 'text', text: diskScenario(options.disk, options), base, options: DISK_OPTIONS };
  }
  const { memory, writable } = options;
  const [given] = Object.entries({ memory, writable }).find(([, value]) => value) ?? [];
  if (given !== undefined) {
    throw new UsageError(`--${given} is for --disk: a scenario says for itself what it wants`);
  }
  return { kind: 'file', path: resolve(scenario ?? DEMO_SCENARIO) };
}

/** Where in that scenario the options' values stand. */
const DISK_OPTIONS = {
  'machine.kind': '--machine',
  'machine.memory': '--memory',
  'machine.devices[0].virtio-blk.image': '--disk',
} as const;

/** The scenario of `--disk`; JSON is YAML, and quotes whatever a file name may hold. */
function diskScenario(disk: string, { writable, memory }: BootOptions): string {
  return JSON.stringify(
    {
      name: disk,
      machine: {
        kind: 'emulated',
        memory: memory ?? '256 MiB',
        devices: [
          { 'virtio-blk': { transport: 'pci-modern', image: disk, writable: writable === true } },
        ],
      },
    },
    undefined,
    2,
  );
}

/** @throws InvalidArgumentError unless it is a number of seconds */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 2_147_483) return seconds;
  throw new InvalidArgumentError('expected a number of seconds above 0');
}
