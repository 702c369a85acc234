import type { PreparedBoot } from '@dxelab/scenario';
import { boot, succeeded } from '@dxelab/scenario';
import { prepareDemo } from '../demo.ts';
import type { Measurement } from '../figure.ts';
import { median, timed } from '../measure.ts';

const WARM_UP = 60;
const BOOTS = 61;

/** A full boot of the default scenario, from power-on to the report, in a process that has booted before. */
export async function measure(): Promise<Measurement> {
  const prepared = await prepareDemo();
  for (let count = 0; count < WARM_UP; count++) bootOnce(prepared);
  const durations = Array.from({ length: BOOTS }, () => timed(() => bootOnce(prepared)));
  prepared.close();
  return { value: median(durations), unit: 'ms', ratio: null };
}

function bootOnce(prepared: PreparedBoot): void {
  const report = boot(prepared);
  if (!succeeded(report)) throw new Error(`the boot ended otherwise: ${report.outcome.message}`);
}
