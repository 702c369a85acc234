import { readScenario } from './read-scenario.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioInput } from './scenario-input.ts';
import { programSource } from './source/scenario-source.ts';

/**
 * A scenario in TypeScript: the same as in YAML, and live objects where YAML names files.
 * @param fileName the place from which its paths count: `fileURLToPath(import.meta.url)`, on Node
 * @throws ScenarioError with every problem
 */
export function defineScenario(input: ScenarioInput, fileName = 'scenario'): Scenario {
  return readScenario(input, programSource(fileName));
}
