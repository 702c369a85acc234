import { readScenario } from './read-scenario.ts';
import type { Scenario } from './scenario.ts';
import { YamlSource } from './source/yaml-source.ts';

/**
 * Reads a scenario that is written in YAML.
 * @param fileName for messages, and the place from which the paths in it count
 * @throws ScenarioError with the line and column of every problem
 */
export function parseScenario(text: string, fileName: string): Scenario {
  const source = new YamlSource(text, fileName);
  return readScenario(source.data, source);
}
