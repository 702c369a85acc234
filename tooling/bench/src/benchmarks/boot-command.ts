import { spawnSync } from 'node:child_process';
import { DXELAB } from '../demo.ts';
import type { Measurement } from '../figure.ts';
import { median, timed } from '../measure.ts';

const RUNS = 11;

/** `dxelab boot` as a whole: the process, the worker, the default scenario and its report. */
export function measure(): Measurement {
  const durations = Array.from({ length: RUNS }, () => timed(bootByCommand));
  return { value: median(durations), unit: 'ms', ratio: null };
}

function bootByCommand(): void {
  const { status, stderr } = spawnSync(process.execPath, [DXELAB, 'boot'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`dxelab boot ended with exit status ${status}: ${stderr}`);
}
