import { boot, succeeded } from '@dxelab/scenario';
import { prepareDemo } from '../demo.ts';
import type { Measurement } from '../figure.ts';

const GIB = 2 ** 30;
const KIB_PER_MIB = 1024;

/** What a process that boots the default scenario with 3 GiB of guest RAM has resident at most. */
export async function measure(): Promise<Measurement> {
  const prepared = await prepareDemo((scenario) => ({
    ...scenario,
    machine: { ...scenario.machine, memory: 3 * GIB },
  }));
  const report = boot(prepared);
  if (!succeeded(report)) throw new Error(`the boot ended otherwise: ${report.outcome.message}`);
  prepared.close();
  return { value: process.resourceUsage().maxRSS / KIB_PER_MIB, unit: 'MiB', ratio: null };
}
