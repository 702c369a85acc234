import type { DxeCore } from '@dxelab/dxe-core';
import type { BudgetInput, DeviceInput, FirmwareInput, Size } from '@dxelab/scenario';
import {
  BootRecord,
  buildFirmware,
  buildMachine,
  defineScenario,
  prepareLive,
} from '@dxelab/scenario';
import type { TraceSink } from '@dxelab/trace';
import { createTracer } from '@dxelab/trace';
import type { EfiHandle } from '@dxelab/uefi';
import { devicePath, devicePathsEqual, firmwareFileNode } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { Lab } from './lab.ts';

export interface LabOptions {
  readonly devices?: readonly DeviceInput[];
  /**
   * The drivers under test. They come behind the firmware's own, and one with the FILE_GUID of another
   * takes its place.
   */
  readonly drivers?: readonly DxeModule[];
  /** What else the firmware holds. Default: all of OVMF that is modelled. */
  readonly firmware?: 'ovmf' | readonly DxeModule[];
  /** Default: `specification`. */
  readonly profile?: Profile;
  readonly quirks?: FirmwareInput['quirks'];
  /** What the virtio drivers ask their rings to be like, by their names. Default: OVMF's rings. */
  readonly rings?: FirmwareInput['rings'];
  /** Whether misuse of guest memory by drivers is among the findings; it is slow. Default: no. */
  readonly memoryGuard?: boolean;
  /** How the timer interrupts, and how deep its interrupts may nest before that is a finding. */
  readonly interrupts?: FirmwareInput['interrupts'];
  /** Default: 64 MiB. */
  readonly memory?: Size;
  /** Of the machine's random numbers. Default: 0. */
  readonly seed?: number;
  /** What its clock shows at power-on, in UTC. Default: `2026-01-01T00:00:00Z`. */
  readonly time?: string;
  /** What the lab may use before its world ends. Default: 1 min and 200 million accesses. */
  readonly budget?: BudgetInput;
  /** Receives every trace event. */
  readonly trace?: TraceSink;
}

/**
 * Switches on a machine with a firmware, dispatches its drivers, and connects nothing.
 * @throws ScenarioError for options that make no machine; what the entry point of a driver under test
 *   threw, or Error if it was never dispatched
 */
export function createLab(options: LabOptions = {}): Lab {
  const { drivers = [], firmware = 'ovmf', trace: sink } = options;
  const prepared = prepareLive(
    defineScenario(
      {
        machine: {
          memory: options.memory ?? '64 MiB',
          seed: options.seed,
          time: options.time,
          budget: options.budget,
          devices: options.devices,
        },
        firmware: {
          profile: options.profile,
          quirks: options.quirks,
          rings: options.rings,
          memoryGuard: options.memoryGuard,
          interrupts: options.interrupts,
          drivers: [...(firmware === 'ovmf' ? [firmware] : firmware), ...drivers],
        },
      },
      'createLab',
    ),
  );
  const clock = { now: (): number => 0 };
  const trace = sink === undefined ? undefined : createTracer(sink, { now: () => clock.now() });
  const record = new BootRecord(() => clock.now());
  const machine = buildMachine(prepared, record, trace);
  const { platform } = machine;
  // The machine is traced while it is being built, before it has a clock.
  clock.now = () => platform.cycles.now;
  const core = buildFirmware(prepared, platform, record, trace, machine.mayBeTyped);
  core.dispatch();
  const driversUnderTest = drivers.map((driver) => imageOf(core, driver));
  return new Lab({ machine, core, record, driversUnderTest });
}

/** The image of a driver under test, which must have been started. */
function imageOf(core: DxeCore, driver: DxeModule): EfiHandle {
  const failure = core.moduleFailures().find(({ module }) => module === driver);
  if (failure !== undefined) throw failure.error;
  const waiting = core.undispatched().find(({ module }) => module === driver);
  if (waiting !== undefined) {
    throw new Error(`${driver.name} was not dispatched: it waits for ${waiting.unmet}`);
  }
  const path = devicePath(firmwareFileNode(driver.fileGuid));
  const image = core
    .images()
    .find(
      ({ loadedImage: { filePath } }) => filePath !== undefined && devicePathsEqual(filePath, path),
    );
  if (image === undefined)
    throw new Error(`${driver.name} is an application: it is not dispatched`);
  return image.handle;
}
