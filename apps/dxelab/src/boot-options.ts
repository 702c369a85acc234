import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { DEMO_SCENARIO } from './demo-scenario.ts';
import type { ScenarioSource } from './run/messages.ts';

/** The options of `dxelab boot`, as commander parses them. */
export interface BootOptions {
  readonly disk?: string;
  readonly writable?: boolean;
  readonly memory: string;
  readonly profile?: 'specification' | 'edk2';
  readonly trace?: string;
  readonly events?: readonly string[];
  readonly json?: boolean;
  readonly timeout: number;
}

/** What is to be booted: a scenario's file, a disk of the command line's, or the demonstration. */
export function scenarioSource(scenario: string | undefined, options: BootOptions): ScenarioSource {
  if (scenario !== undefined && options.disk !== undefined) {
    throw new InvalidArgumentError(
      'a scenario names its own disks: give a scenario or --disk, not both',
    );
  }
  if (options.disk !== undefined) {
    const base = resolve('command-line.yaml');
    return { kind: 'text', text: diskScenario(options.disk, options), base };
  }
  return { kind: 'file', path: resolve(scenario ?? DEMO_SCENARIO) };
}

/** The scenario of `--disk`; JSON is YAML, and quotes whatever a file name may hold. */
function diskScenario(disk: string, { writable, memory, profile }: BootOptions): string {
  return JSON.stringify(
    {
      name: disk,
      machine: {
        kind: 'emulated',
        memory,
        devices: [
          { 'virtio-blk': { transport: 'pci-modern', image: disk, writable: writable === true } },
        ],
      },
      firmware: { profile: profile ?? 'specification' },
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
