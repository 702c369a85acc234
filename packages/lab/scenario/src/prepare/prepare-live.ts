import type { DxeModule } from '@dxelab/uefi-lib';
import { FreshMemory } from '../boot/fresh-memory.ts';
import { placeDevices } from '../placement.ts';
import type { Scenario } from '../scenario.ts';
import { ScenarioError } from '../source/scenario-error.ts';
import type { PreparedBoot } from './prepare-scenario.ts';
import { prepareDevices } from './prepare-devices.ts';
import { prepareTime } from './prepare-time.ts';
import { prepareVariables } from './prepare-variables.ts';
import { withRings } from './ring-drivers.ts';
import { readStandInPlace } from './stand-in.ts';

/**
 * Prepares a scenario that names no files, at once: everything in it is live, `zeros`, or `ovmf`.
 * @throws ScenarioError at the place of a path
 */
export function prepareLive(scenario: Scenario): PreparedBoot {
  const { firmware, machine, source } = scenario;
  if (machine.kind === 'qemu') {
    throw new ScenarioError([source.problem(['machine', 'kind'], 'no program is started here')]);
  }
  const module = (given: string | DxeModule, ...path: (string | number)[]): DxeModule => {
    if (typeof given !== 'string') return given;
    const message = `expected a module, and not '${given}': no file is loaded here`;
    throw new ScenarioError([source.problem(['firmware', ...path], message)]);
  };
  return {
    scenario,
    time: prepareTime(scenario, {}),
    memory: new FreshMemory(),
    devices: prepareDevices(placeDevices(machine.devices, source), source, {
      openDisk: refuse,
      entropy: refuseEntropy,
      factory: refuse,
    }),
    drivers: withRings(
      scenario,
      firmware.drivers.map((driver, index) =>
        driver === 'ovmf' ? driver : module(driver, 'drivers', index),
      ),
    ),
    standIns: Object.entries(firmware.standIns).map(([key, given]) => {
      const place = readStandInPlace(key);
      const path = ['firmware', 'standIns', key];
      if ('problem' in place) throw new ScenarioError([source.problem(path, place.problem, 'key')]);
      return { ...place, module: module(given, 'standIns', key) };
    }),
    variables: prepareVariables(firmware.variables, source, { openDisk: refuse }),
    qemu: undefined,
    close() {},
  };
}

function refuse(name: string): never {
  throw new TypeError(`expected a live object, and not '${name}': no file is opened here`);
}

function refuseEntropy(): never {
  throw new TypeError("expected 'seeded' or a live function: no host is asked here");
}
