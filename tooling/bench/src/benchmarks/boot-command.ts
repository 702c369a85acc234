import { spawnSync } from 'node:child_process';
import { DXELAB } from '../demo.ts';
import type { Measurement } from '../figure.ts';
import { median, timed } from '../measure.ts';

const RUNS = 11;

/** `dxelab boot` as a whole: the process, the worker, the default scenario and its report. */
export function measure(): Measurement {
  const pairs = Array.from({ length: RUNS }, () => ({
    boot: timed(() => runNode(DXELAB, 'boot')),
    nothing: timed(() => runNode('--eval', '')),
  }));
  return {
    value: median(pairs.map(({ boot }) => boot)),
    unit: 'ms',
    ratio: median(pairs.map(({ boot, nothing }) => boot / nothing)),
  };
}

function runNode(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with status ${status}: ${stderr}`);
}
