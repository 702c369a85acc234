import { LocalRam } from '@dxelab/platform';
import type { Platform, RamRange, Tracer } from '@dxelab/platform';
import type { Budget } from './budget.ts';
import type { Dma } from './dma.ts';
import { EmulatedBus } from './emulated-bus.ts';
import { EmulatedPlatform } from './emulated-platform.ts';
import type { Device, MachineBus } from './machine-bus.ts';
import type { MachineFinding } from './machine-finding.ts';
import { layOutMemory } from './memory-layout.ts';
import { Processor } from './processor.ts';
import type { RealTime } from './real-time.ts';

/** What a machine is made of. */
export interface EmulatedMachineOptions {
  /** In bytes, laid out below and above 4 GiB as `layOutMemory` does; or the ranges themselves. */
  readonly memory: number | readonly RamRange[];
  /** Storage for the RAM below 4 GiB, such as that of a `WebAssembly.Memory`. */
  readonly lowStorage?: Uint8Array;
  /**
   * Whether RAM is private as under AMD SEV or Intel TDX: a device reaches only pages that the CPU has
   * shared through the registers of `HobList.privateMemory`. Default: no.
   */
  readonly privateMemory?: boolean;
  /** Attached in this order. */
  readonly devices?: readonly Device[];
  /** Of the machine's random numbers. */
  readonly seed?: number;
  readonly budget?: Budget;
  /** Makes time real. Default: it is virtual, and every run the same. */
  readonly realTime?: RealTime;
  /** Receives the machine's trace events; without it tracing is off. */
  readonly trace?: Tracer;
  /** Receives what drivers do against the rules. */
  readonly onFinding?: (finding: MachineFinding) => void;
}

/** A machine that is switched on. */
export interface EmulatedMachine {
  /** What the firmware gets, and nothing else. */
  readonly platform: Platform;
  /** What the devices got. */
  readonly bus: MachineBus;
  /** RAM as it is, for a test or a report to look at. */
  readonly ram: LocalRam;
  /** Every device's view of RAM, with its counts. */
  readonly dmas: readonly Dma[];
  /** Limits what the world may use from now on; counted from power-on. */
  setBudget(budget: Budget): void;
}

/**
 * Builds a machine and switches it on.
 * @throws MachineSetupError if it cannot be built
 */
export function createEmulatedMachine(options: EmulatedMachineOptions): EmulatedMachine {
  const { memory, lowStorage, devices = [], seed = 0, budget = {}, trace, onFinding } = options;
  const { privateMemory = false, realTime } = options;
  const ram = new LocalRam(typeof memory === 'number' ? layOutMemory(memory, lowStorage) : memory);
  const processor = new Processor(() => bus.describe(), realTime);
  const bus = new EmulatedBus({ processor, ram, privateMemory, seed, trace, onFinding });
  for (const device of devices) device.attach(bus);
  const platform = new EmulatedPlatform(processor, bus, ram);
  const setBudget = (limits: Budget): void => processor.setBudget(limits);
  setBudget(budget);
  return { platform, bus, ram, dmas: bus.dmas, setBudget };
}
