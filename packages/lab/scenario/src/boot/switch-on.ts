import type { Platform, Tracer } from '@dxelab/platform';
import type { HostedQemu } from '../host.ts';
import type { PreparedBoot } from '../prepare/prepare-scenario.ts';
import { isOnMmio, qemuMachineType } from '../qemu-machine-type.ts';
import type { BootRecord } from './boot-record.ts';
import { buildMachine } from './build-machine.ts';
import type { LiveConsole } from './live-console.ts';
import { qemuTerminal } from './qemu-terminal.ts';

/** The machine of a boot, whichever it is. */
export interface RunningMachine {
  readonly platform: Platform;
  /** Whether somebody may still type, now or later. */
  readonly mayBeTyped: () => boolean;
  /** The boot is over. */
  switchOff(): void;
}

/**
 * Switches the machine of a scenario on.
 * @throws MachineSetupError, QemuError, and whatever a user's device throws
 */
export function switchOn(
  prepared: PreparedBoot,
  record: Pick<BootRecord, 'serial' | 'finding'>,
  trace: Tracer | undefined,
  live: LiveConsole | undefined,
): RunningMachine {
  const { qemu } = prepared;
  if (qemu !== undefined) return switchQemuOn(prepared, qemu, record, live);
  const { platform, mayBeTyped } = buildMachine(prepared, record, trace, live);
  return { platform, mayBeTyped, switchOff() {} };
}

/** What the guest has written to its serial port at last, QEMU keeps until it is asked. */
function switchQemuOn(
  { scenario, devices, time }: PreparedBoot,
  qemu: HostedQemu,
  record: Pick<BootRecord, 'serial'>,
  live: LiveConsole | undefined,
): RunningMachine {
  const { memory, seed, budget, input, devices: described } = scenario.machine;
  // One version for all, as was checked when the boot was prepared.
  const version = described.find(isOnMmio)?.version ?? 2;
  const terminal = qemuTerminal(input, live, (byte) => record.serial(byte));
  const machine = qemu.start({
    machine: qemuMachineType(scenario.machine),
    memory,
    virtioMmioVersion: version,
    seed,
    time,
    budget: live === undefined ? { time: budget.virtualTime, accesses: budget.accesses } : {},
    devices: devices.map((device) => device.forQemu()),
    terminal,
  });
  return {
    platform: machine.platform,
    // what it has of it by now, and its guest has not read, is not known here
    mayBeTyped: () => terminal.mayType,
    switchOff(): void {
      for (const byte of machine.takeConsole()) record.serial(byte);
      machine.close();
    },
  };
}
