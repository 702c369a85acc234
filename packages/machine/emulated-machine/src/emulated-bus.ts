import type { LocalRam, RamRange, Tracer } from '@dxelab/platform';
import { Dma } from './dma.ts';
import type { DmaSpace } from './dma.ts';
import type { EventQueue } from './event-queue.ts';
import { HobBuilder } from './hob-builder.ts';
import { InterruptSink } from './interrupt-sink.ts';
import type { MachineBus } from './machine-bus.ts';
import type { MachineFinding } from './machine-finding.ts';
import type { Processor } from './processor.ts';
import { PrivateDmaSpace } from './private-memory/private-dma-space.ts';
import {
  PRIVATE_MEMORY_REGISTERS,
  PRIVATE_MEMORY_SIZE,
  PrivateMemoryRegisters,
} from './private-memory/private-memory-registers.ts';
import { SharedPages } from './private-memory/shared-pages.ts';
import { RamRegion } from './ram-region.ts';
import { Random } from './random.ts';
import { RegionMap } from './region-map.ts';
import { Region } from './region.ts';

const PORTS = 0x1_0000;
const PAGE = 0x1000;

/** What an `EmulatedBus` is made of. */
export interface EmulatedBusOptions {
  readonly processor: Processor;
  readonly ram: LocalRam;
  readonly privateMemory: boolean;
  readonly seed: number;
  readonly trace: Tracer | undefined;
  readonly onFinding: ((finding: MachineFinding) => void) | undefined;
}

/** The devices' side of an emulated machine. */
export class EmulatedBus implements MachineBus {
  readonly mmio: RegionMap;
  readonly ports: RegionMap;
  readonly events: EventQueue;
  readonly interrupts: InterruptSink;
  readonly ram: readonly RamRange[];
  readonly hobs: HobBuilder = new HobBuilder();
  readonly privateMemory: boolean;
  readonly random: Random;
  readonly trace: Tracer | undefined;
  /** Every view of RAM that was given out. */
  readonly dmas: Dma[] = [];
  readonly #processor: Processor;
  readonly #dmaSpace: DmaSpace;
  readonly #onFinding: ((finding: MachineFinding) => void) | undefined;
  readonly #reporters: (() => readonly string[])[] = [];
  readonly #resetListeners: (() => void)[] = [];
  #describing = false;

  constructor(options: EmulatedBusOptions) {
    const { processor, ram, privateMemory, seed, trace, onFinding } = options;
    const reportConflict = (waiting: Region, holder: Region): void =>
      this.#reportConflict(waiting, holder);
    this.mmio = new RegionMap(reportConflict);
    this.ports = new RegionMap(reportConflict);
    this.events = processor.events;
    this.interrupts = new InterruptSink(trace);
    this.ram = ram.ranges;
    this.privateMemory = privateMemory;
    this.random = new Random(seed);
    this.trace = trace;
    this.#processor = processor;
    this.#onFinding = onFinding;
    this.#placeRam(ram);
    this.#dmaSpace = privateMemory ? this.#guardRam(ram) : openRam(ram);
  }

  now(): number {
    return this.#processor.cycles.now;
  }

  createDma(requester: string): Dma {
    const dma = new Dma(requester, this.#dmaSpace, (finding) => this.report(finding));
    this.dmas.push(dma);
    return dma;
  }

  report(finding: MachineFinding): void {
    if (!this.#describing) this.#onFinding?.(finding);
  }

  addReporter(reporter: () => readonly string[]): void {
    this.#reporters.push(reporter);
  }

  onReset(listener: () => void): void {
    this.#resetListeners.push(listener);
  }

  /** The devices' lines for the report of a spent budget. What they look up for it breaks no rule. */
  describe(): readonly string[] {
    this.#describing = true;
    try {
      return this.#reporters.flatMap((reporter) => reporter());
    } finally {
      this.#describing = false;
    }
  }

  reset(): void {
    for (const listener of this.#resetListeners) listener();
  }

  /** RAM answers on the memory bus before any device, and PEI has kept the page at address 0 unused. */
  #placeRam(ram: LocalRam): void {
    for (const { base, bytes } of this.ram) {
      const length = bytes.length;
      this.mmio.add(new Region('ram', base, length, new RamRegion(ram, base)));
      this.hobs.addResource({ type: 'EFI_RESOURCE_SYSTEM_MEMORY', base, length });
    }
    this.hobs.addResource({ type: 'EFI_RESOURCE_IO', base: 0, length: PORTS });
    this.hobs.addAllocation({ memoryType: 'EfiReservedMemoryType', base: 0, length: PAGE });
  }

  /** Lets devices reach what was shared, and gives the CPU the registers to share it. */
  #guardRam(ram: LocalRam): DmaSpace {
    const pages = new SharedPages(ram);
    const registers = new PrivateMemoryRegisters(pages, (finding) => this.report(finding));
    const base = PRIVATE_MEMORY_REGISTERS;
    const length = PRIVATE_MEMORY_SIZE;
    this.mmio.add(new Region('private-memory', base, length, registers));
    this.hobs.addResource({ type: 'EFI_RESOURCE_MEMORY_MAPPED_IO', base, length });
    this.hobs.setPrivateMemory({ registers: base });
    this.onReset(() => registers.reset());
    return new PrivateDmaSpace(ram, pages);
  }

  #reportConflict(waiting: Region, holder: Region): void {
    this.report({
      rule: 'machine address-conflict',
      device: waiting.name,
      message: `${waiting.name} at 0x${waiting.base.toString(16)} cannot answer: ${holder.name} does`,
      fields: { address: waiting.base, size: waiting.size, holder: holder.name },
    });
  }
}

/** Nothing stands between device and RAM: the device's address is the physical one. */
function openRam(ram: LocalRam): DmaSpace {
  return {
    window: ram.ranges[0],
    find: (address, length) => {
      const physical: number = address;
      return ram.find(physical, length);
    },
  };
}
