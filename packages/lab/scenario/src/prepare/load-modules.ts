import type { DxeModule } from '@dxelab/uefi-lib';
import type { Host } from '../host.ts';
import { ScenarioError } from '../source/scenario-error.ts';
import type { ScenarioPath } from '../source/scenario-problem.ts';
import type { ScenarioSource } from '../source/scenario-source.ts';
import { describeExports, modulesIn } from './module-exports.ts';

const PATH = /^(?:\.|\/|[A-Za-z]:[\\/])|\.[cm]?[jt]s$/u;

/** Loads what a scenario names at `path`: a file by its path, or a package by its name. */
export async function loadNamed(
  name: string,
  path: ScenarioPath,
  source: ScenarioSource,
  host: Host,
): Promise<unknown> {
  try {
    const specifier = PATH.test(name) ? host.resolve(source.file, name) : name;
    return await host.loadModule(specifier, source.file);
  } catch (caught) {
    const reason = caught instanceof Error ? caught.message : String(caught);
    const problem = source.problem(path, `'${name}' cannot be loaded: ${reason}`);
    throw new ScenarioError([problem], caught);
  }
}

/**
 * Loads the modules that a file or package exports.
 * @throws ScenarioError if it cannot be loaded, or exports none
 */
export async function loadDrivers(
  name: string,
  path: ScenarioPath,
  source: ScenarioSource,
  host: Host,
): Promise<readonly DxeModule[]> {
  const namespace = await loadNamed(name, path, source, host);
  const modules = modulesIn(namespace);
  if (modules.length > 0) return modules;
  const expected = 'expected a DxeModule: { name, fileGuid, moduleType, entryPoint }';
  throw new ScenarioError([
    source.problem(path, `'${name}' has no driver: ${expected}; ${describeExports(namespace)}`),
  ]);
}
