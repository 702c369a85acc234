import type { Profile } from '@dxelab/uefi-lib';
import type { Scenario } from './scenario.ts';
import type { MachineKind } from './scenario-input.ts';

/** The same scenario with this typed at its machine's serial console, whatever it says itself. */
export function withInput(scenario: Scenario, text: string): Scenario {
  return { ...scenario, machine: { ...scenario.machine, input: [{ text, at: 0 }] } };
}

/** The same scenario on another kind of machine, whatever it says itself. */
export function onMachine(scenario: Scenario, kind: MachineKind): Scenario {
  return { ...scenario, machine: { ...scenario.machine, kind } };
}

/** The same scenario with this profile, whatever it says itself; single quirks stay as it says. */
export function withProfile(scenario: Scenario, profile: Profile): Scenario {
  return { ...scenario, firmware: { ...scenario.firmware, profile } };
}
