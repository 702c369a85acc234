import { placeDevices } from './placement.ts';
import type { Scenario } from './scenario.ts';
import { scenarioSchema } from './schema/scenario-schema.ts';
import { issueProblems } from './source/issue-problems.ts';
import { ScenarioError } from './source/scenario-error.ts';
import type { ScenarioSource } from './source/scenario-source.ts';

/**
 * Checks a scenario and puts its defaults in place.
 * @throws ScenarioError with every problem and its place
 */
export function readScenario(data: unknown, source: ScenarioSource): Scenario {
  if (data === null || data === undefined) {
    throw new ScenarioError([
      source.problem(
        [],
        'expected a scenario: { machine, firmware, expect }, and there is nothing',
      ),
    ]);
  }
  const result = scenarioSchema.safeParse(data);
  if (!result.success) {
    throw new ScenarioError(issueProblems(result.error.issues, data, source), result.error);
  }
  placeDevices(result.data.machine.devices, source);
  return { ...result.data, source };
}
