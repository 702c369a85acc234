import type { Comparison } from '@dxelab/compare';
import { compareRecorded, recordBoot } from '@dxelab/compare';
import type {
  DeviceInput,
  DifferenceInput,
  DriverRingInput,
  ScenarioInput,
} from '@dxelab/scenario';
import { defineScenario, prepareLive } from '@dxelab/scenario';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { osLoader } from '../boot/programs.fixture.ts';
import { demoDisk } from '../scenario/live.fixture.ts';

/** What one of two machines is made of. */
export interface Planted {
  /** Of both. Default: `specification`. */
  readonly profile?: Profile;
  readonly devices?: readonly DeviceInput[];
  /** Of both: what the driver of the disk asks its ring to be like. Default: OVMF's. */
  readonly ring?: DriverRingInput;
  /** Runs in place of the loader. */
  readonly loader?: DxeModule;
}

/** The disk of the demonstration, in slot 2. */
export function disk(
  options: Partial<Extract<DeviceInput, { 'virtio-blk': unknown }>['virtio-blk']> = {},
): DeviceInput {
  return { 'virtio-blk': { slot: '02.0', image: demoDisk(), ...options } };
}

/** Compares a machine with the demonstration's disk to one in which something is otherwise: both are emulated. */
export function compareToPlanted(
  planted: Planted,
  differences: readonly DifferenceInput[] = [],
): Comparison {
  const { profile = 'specification', ring } = planted;
  const devices = ring === undefined ? [disk()] : [disk({ ring: { packed: true } })];
  const scenarios = [
    scenarioOf({ profile, devices, ...(ring === undefined ? {} : { ring }) }, differences),
    scenarioOf(planted, differences),
  ] as const;
  const [first, second] = scenarios.map((input) => recordBoot(prepareLive(defineScenario(input))));
  if (first === undefined || second === undefined) throw new TypeError('there are two boots');
  return compareRecorded(defineScenario(scenarios[0]), ['ours', 'planted'], [first, second]);
}

/** A boot of the demonstration, with what was planted. */
export function scenarioOf(
  { profile, devices = [disk()], loader = osLoader, ring }: Planted,
  differences: readonly DifferenceInput[] = [],
): ScenarioInput {
  return {
    machine: { memory: '64 MiB', devices },
    firmware: {
      profile,
      rings: ring === undefined ? {} : { VirtioBlkDxe: ring },
      standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': loader },
    },
    differences,
  };
}
