import type { PreparedBoot } from '@dxelab/scenario';
import { boot, succeeded } from '@dxelab/scenario';
import { prepareDemo } from '../demo.ts';
import type { Measurement } from '../figure.ts';
import { median, timed } from '../measure.ts';

const BOOTS = 5;

/** The default scenario on a real QEMU: from the start of its process until boot services are over. */
export async function measure(): Promise<Measurement> {
  const prepared = await prepareDemo((scenario) => ({
    ...scenario,
    machine: { ...scenario.machine, kind: 'qemu' },
  }));
  const durations = Array.from({ length: BOOTS }, () => timed(() => bootOnce(prepared)));
  prepared.close();
  return { value: median(durations), unit: 'ms', ratio: null };
}

function bootOnce(prepared: PreparedBoot): void {
  const report = boot(prepared);
  if (!succeeded(report)) throw new Error(`the boot ended otherwise: ${report.outcome.message}`);
}
