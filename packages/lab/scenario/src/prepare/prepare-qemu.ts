import type { Host, HostedQemu } from '../host.ts';
import type { PlacedDevice } from '../placement.ts';
import { isOnMmio } from '../qemu-machine-type.ts';
import type { DeviceData, Scenario } from '../scenario.ts';
import { ScenarioError } from '../source/scenario-error.ts';
import type { ScenarioPath, ScenarioProblem } from '../source/scenario-problem.ts';
import type { PreparedDevice } from './prepared-device.ts';

/**
 * Looks for a QEMU, and whether it has what the scenario asks for.
 * @throws ScenarioError at the place of what it does not have
 */
export function prepareQemu(
  { machine, source }: Scenario,
  placed: readonly PlacedDevice[],
  devices: readonly PreparedDevice[],
  host: Host,
): HostedQemu {
  const problems: ScenarioProblem[] = [];
  if (machine.privateMemory) {
    const message = "QEMU's machines have no private memory";
    problems.push(source.problem(['machine', 'privateMemory'], message));
  }
  const attempt = <Result>(path: ScenarioPath, body: () => Result): Result | undefined => {
    try {
      return body();
    } catch (caught) {
      problems.push(
        source.problem(path, caught instanceof Error ? caught.message : String(caught)),
      );
      return undefined;
    }
  };
  const [first] = placed;
  for (const [index, { device, path }] of placed.entries()) {
    if (first !== undefined && busOf(device) !== busOf(first.device)) {
      const other = `${busOf(device)} beside ${busOf(first.device)}`;
      problems.push(source.problem(path, `no machine of QEMU's has devices on ${other}`));
    }
    attempt(path, () => devices[index]?.forQemu());
  }
  const type = machine.machine;
  if (
    first !== undefined &&
    type !== undefined &&
    (type === 'microvm') !== isOnMmio(first.device)
  ) {
    const message = `a ${type} has no devices on ${busOf(first.device)}`;
    problems.push(source.problem(['machine', 'machine'], message));
  }
  const qemu = attempt(['machine', 'kind'], () => host.findQemu?.());
  if (problems.length > 0) throw new ScenarioError(problems);
  if (qemu !== undefined) return qemu;
  throw new ScenarioError([source.problem(['machine', 'kind'], 'no program is started here')]);
}

/** microvm has MMIO of one version, and no PCI; pc and q35 have PCI only. */
function busOf(device: DeviceData): string {
  if (!isOnMmio(device)) return 'PCI';
  return `MMIO of version ${device.version ?? 2}`;
}
