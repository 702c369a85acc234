import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createNodeHost } from '@dxelab/node-host';
import type { PreparedBoot, Scenario } from '@dxelab/scenario';
import { parseScenario, prepareScenario } from '@dxelab/scenario';

const APP = new URL('../../../apps/dxelab/', import.meta.url);
const SCENARIO = fileURLToPath(new URL('demo/scenario.yaml', APP));

/** The command line as a user starts it. */
export const DXELAB: string = fileURLToPath(new URL('bin/dxelab.js', APP));

/** The default scenario, ready to be booted. @param change what is to be otherwise */
export function prepareDemo(
  change: (scenario: Scenario) => Scenario = (same) => same,
): Promise<PreparedBoot> {
  const scenario = parseScenario(readFileSync(SCENARIO, 'utf8'), SCENARIO);
  return prepareScenario(change(scenario), createNodeHost(import.meta.url));
}
