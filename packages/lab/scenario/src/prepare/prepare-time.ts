import type { Host } from '../host.ts';
import type { Scenario } from '../scenario.ts';
import { ScenarioError } from '../source/scenario-error.ts';

/**
 * What the clock of the machine is to show at power-on, in seconds since 1970.
 * @throws ScenarioError if it is to be the time of a host that has none
 */
export function prepareTime({ machine, source }: Scenario, host: Pick<Host, 'now'>): number {
  const time = machine.time === 'host' ? host.now?.() : machine.time;
  if (time !== undefined) return time;
  throw new ScenarioError([
    source.problem(['machine', 'time'], 'this host does not tell the time'),
  ]);
}
