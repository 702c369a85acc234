import { GuestRam, LocalRam, TerminalSignal } from '@dxelab/platform';
import type { Platform, RamRange, Tracer } from '@dxelab/platform';
import type { EfiResetType } from '@dxelab/uefi';
import type { Budget } from './budget.ts';
import { Dma } from './dma.ts';
import type { DmaSpace } from './dma.ts';
import { EmulatedAddressSpace } from './emulated-address-space.ts';
import { HobBuilder } from './hob-builder.ts';
import { InterruptSink } from './interrupt-sink.ts';
import type { Device, MachineBus } from './machine-bus.ts';
import type { MachineFinding } from './machine-finding.ts';
import { layOutMemory } from './memory-layout.ts';
import { Processor } from './processor.ts';
import { RamRegion } from './ram-region.ts';
import { Random } from './random.ts';
import { RegionMap } from './region-map.ts';
import { Region } from './region.ts';

/** What a machine is made of. */
export interface EmulatedMachineOptions {
  /** In bytes, laid out below and above 4 GiB as `layOutMemory` does; or the ranges themselves. */
  readonly memory: number | readonly RamRange[];
  /** Storage for the RAM below 4 GiB, such as that of a `WebAssembly.Memory`. */
  readonly lowStorage?: Uint8Array;
  /** Attached in this order. */
  readonly devices?: readonly Device[];
  /** Of the machine's random numbers. */
  readonly seed?: number;
  readonly budget?: Budget;
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

const PORTS = 0x1_0000;
const PAGE = 0x1000;

/**
 * Builds a machine and switches it on.
 * @throws MachineSetupError if it cannot be built
 */
export function createEmulatedMachine(options: EmulatedMachineOptions): EmulatedMachine {
  const { memory, trace, onFinding } = options;
  const ranges = typeof memory === 'number' ? layOutMemory(memory, options.lowStorage) : memory;
  const ram = new LocalRam(ranges);
  const reporters: (() => readonly string[])[] = [];
  const resetListeners: (() => void)[] = [];
  const dmas: Dma[] = [];
  const report = (finding: MachineFinding): void => onFinding?.(finding);

  const processor = new Processor(() => reporters.flatMap((reporter) => reporter()));
  processor.setBudget(options.budget ?? {});
  const { cycles } = processor;
  const dmaSpace: DmaSpace = {
    window: ranges[0],
    find: (address, length) => {
      // Nothing stands between device and RAM: the device's address is the physical one.
      const physical: number = address;
      return ram.find(physical, length);
    },
  };
  const bus: MachineBus = {
    mmio: new RegionMap(reportConflict),
    ports: new RegionMap(reportConflict),
    events: processor.events,
    interrupts: new InterruptSink(trace),
    ram: ranges,
    hobs: new HobBuilder(),
    random: new Random(options.seed ?? 0),
    trace,
    now: () => cycles.now,
    report,
    createDma: (requester) => {
      const dma = new Dma(requester, dmaSpace, report);
      dmas.push(dma);
      return dma;
    },
    addReporter: (reporter) => reporters.push(reporter),
    onReset: (listener) => resetListeners.push(listener),
  };

  describeMemory(bus, ram);
  for (const device of options.devices ?? []) device.attach(bus);

  function reportConflict(waiting: Region, holder: Region): void {
    report({
      rule: 'machine address-conflict',
      device: waiting.name,
      message: `${waiting.name} at 0x${waiting.base.toString(16)} cannot answer: ${holder.name} does`,
      fields: { address: waiting.base, size: waiting.size, holder: holder.name },
    });
  }

  const platform: Platform = {
    ram: new GuestRam(cycles, ram, ranges[0]),
    mmio: new EmulatedAddressSpace({
      space: 'mmio',
      cycles,
      regions: bus.mmio,
      floating: 'zeros',
      report,
      trace,
    }),
    ports: new EmulatedAddressSpace({
      space: 'port',
      cycles,
      regions: bus.ports,
      floating: 'ones',
      report,
      trace,
    }),
    clock: processor,
    cpu: processor,
    cycles,
    hobs: bus.hobs.build(),
    reset(type: EfiResetType, message: string): never {
      cycles.access();
      for (const listener of resetListeners) listener();
      return processor.end(new TerminalSignal('reset', message, { type }));
    },
    end: (signal) => processor.end(signal),
  };
  return { platform, bus, ram, dmas, setBudget: (budget) => processor.setBudget(budget) };
}

/** RAM answers on the memory bus before any device, and PEI has kept the page at address 0 unused. */
function describeMemory({ mmio, hobs }: MachineBus, ram: LocalRam): void {
  for (const { base, bytes } of ram.ranges) {
    const length = bytes.length;
    mmio.add(new Region('ram', base, length, new RamRegion(ram, base)));
    hobs.addResource({ type: 'EFI_RESOURCE_SYSTEM_MEMORY', base, length });
  }
  hobs.addResource({ type: 'EFI_RESOURCE_IO', base: 0, length: PORTS });
  hobs.addAllocation({ memoryType: 'EfiReservedMemoryType', base: 0, length: PAGE });
}
