import type { DxeModule } from '@dxelab/uefi-lib';
import { FreshMemory } from '../boot/fresh-memory.ts';
import type { Host, HostedQemu } from '../host.ts';
import { placeDevices } from '../placement.ts';
import type { Scenario } from '../scenario.ts';
import { ScenarioError } from '../source/scenario-error.ts';
import { loadDrivers } from './load-modules.ts';
import { HostDevices } from './host-devices.ts';
import { prepareDevices } from './prepare-devices.ts';
import type { PreparedDevice } from './prepared-device.ts';
import { prepareQemu } from './prepare-qemu.ts';
import { prepareTime } from './prepare-time.ts';
import type { PreparedVariables } from './prepare-variables.ts';
import { prepareVariables } from './prepare-variables.ts';
import { readStandInPlace } from './stand-in.ts';
import { withRings } from './ring-drivers.ts';
import type { StandIn } from './stand-in.ts';

/** The name under which a scenario asks for OVMF's own modules. */
const OVMF = 'ovmf';

/** A boot with its files open and its modules loaded: it can be run as often as one likes. */
export interface PreparedBoot {
  readonly scenario: Scenario;
  readonly devices: readonly PreparedDevice[];
  /** `'ovmf'` stands for OVMF's own modules, which are made for each boot. */
  readonly drivers: readonly (DxeModule | 'ovmf')[];
  readonly standIns: readonly StandIn[];
  /** Where the variables of each boot are. */
  readonly variables: PreparedVariables;
  /** What the clock shows at power-on, in seconds since 1970. */
  readonly time: number;
  /** Where the RAM of an emulated machine comes from, for every boot anew. */
  readonly memory: FreshMemory;
  /** What switches the machine on, if it is a QEMU. */
  readonly qemu: HostedQemu | undefined;
  /** Closes the files. */
  close(): void;
}

/**
 * Does everything about a scenario that must wait: opens its disks, loads its modules.
 * @throws ScenarioError at the place of what is missing or is not what it should be
 */
export async function prepareScenario(scenario: Scenario, host: Host): Promise<PreparedBoot> {
  const { machine, source } = scenario;
  const resources = new HostDevices(source, host);
  try {
    const placed = placeDevices(machine.devices, source);
    await resources.load(placed);
    const devices = prepareDevices(placed, source, resources);
    const qemu = machine.kind === 'qemu' ? prepareQemu(scenario, placed, devices, host) : undefined;
    const drivers = await prepareDrivers(scenario, host);
    const standIns = await prepareStandIns(scenario, host);
    return {
      scenario,
      devices,
      drivers,
      standIns,
      variables: prepareVariables(scenario.firmware.variables, source, resources),
      time: prepareTime(scenario, host),
      memory: new FreshMemory(),
      qemu,
      close: () => resources.close(),
    };
  } catch (caught) {
    resources.close();
    throw caught;
  }
}

async function prepareDrivers(
  scenario: Scenario,
  host: Host,
): Promise<readonly (DxeModule | 'ovmf')[]> {
  const { firmware, source } = scenario;
  const drivers: (DxeModule | 'ovmf')[] = [];
  for (const [index, driver] of firmware.drivers.entries()) {
    if (typeof driver !== 'string' || driver === OVMF) drivers.push(driver);
    else {
      const path = ['firmware', 'drivers', index];
      drivers.push(...(await loadDrivers(driver, path, source, host)));
    }
  }
  return withRings(scenario, drivers);
}

async function prepareStandIns(
  { firmware, source }: Scenario,
  host: Host,
): Promise<readonly StandIn[]> {
  const standIns: StandIn[] = [];
  for (const [key, named] of Object.entries(firmware.standIns)) {
    const path = ['firmware', 'standIns', key];
    const place = readStandInPlace(key);
    if ('problem' in place) throw new ScenarioError([source.problem(path, place.problem, 'key')]);
    const modules =
      typeof named === 'string' ? await loadDrivers(named, path, source, host) : [named];
    const [module, ...others] = modules;
    if (module === undefined || others.length > 0) {
      const message = `expected one module for ${key}, and there are ${modules.length}`;
      throw new ScenarioError([source.problem(path, message)]);
    }
    standIns.push({ ...place, module });
  }
  return standIns;
}
