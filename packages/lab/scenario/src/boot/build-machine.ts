import { createEmulatedMachine, lowMemory, Mc146818, Uart16550 } from '@dxelab/emulated-machine';
import type { Device, EmulatedMachine } from '@dxelab/emulated-machine';
import { PciHostBridge } from '@dxelab/pci-devices';
import type { Tracer } from '@dxelab/platform';
import { VirtioMmioBus } from '@dxelab/virtio-devices';
import type { PreparedBoot } from '../prepare/prepare-scenario.ts';
import { isOnMmio } from '../qemu-machine-type.ts';
import { given } from '../units/given.ts';
import type { BootRecord } from './boot-record.ts';
import type { LiveConsole } from './live-console.ts';
import { Typist } from './typist.ts';

/** An emulated machine with somebody at its serial console. */
export interface TypedMachine extends EmulatedMachine {
  /** Whether something is still to be typed, or to be read. */
  readonly mayBeTyped: () => boolean;
}

/**
 * Builds the machine of a scenario and switches it on: with a serial port, a real-time clock, and a PCI host
 * bridge unless all of its devices are on MMIO, as QEMU's microvm has none.
 * @param live who sits at the serial port; without anybody, time is virtual
 * @throws MachineSetupError, and whatever a user's device throws
 */
export function buildMachine(
  { scenario, devices, time, memory: storage }: PreparedBoot,
  record: Pick<BootRecord, 'serial' | 'finding'>,
  trace: Tracer | undefined,
  live?: LiveConsole,
): TypedMachine {
  const { memory, privateMemory, seed, budget, input, devices: described } = scenario.machine;
  const uart = new Uart16550((byte) => record.serial(byte), undefined, live);
  const typist = new Typist(uart, input);
  const hostBridge = new PciHostBridge();
  const mmio = new VirtioMmioBus();
  const others: Device[] = [];
  const attach = (device: Device): void => void others.push(device);
  for (const device of devices) device.install({ pci: hostBridge, mmio, attach });
  // A machine without devices on MMIO is a plain PC.
  if (mmio.devices > 0) attach(mmio);
  const isBoard = mmio.devices > 0 && described.every(isOnMmio);
  const machine = createEmulatedMachine({
    memory,
    lowStorage: storage.take(lowMemory(memory)),
    privateMemory,
    seed,
    budget: live === undefined ? budget : {},
    devices: [...(isBoard ? [] : [hostBridge]), uart, typist, new Mc146818({ time }), ...others],
    onFinding: (finding) => record.finding(finding),
    ...given({ trace, realTime: live }),
  });
  return { ...machine, mayBeTyped: () => live !== undefined || typist.isBusy };
}
