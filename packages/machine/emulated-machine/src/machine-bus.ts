import type { RamRange, Tracer } from '@dxelab/platform';
import type { Dma } from './dma.ts';
import type { EventQueue } from './event-queue.ts';
import type { HobBuilder } from './hob-builder.ts';
import type { InterruptSink } from './interrupt-sink.ts';
import type { MachineFinding } from './machine-finding.ts';
import type { Random } from './random.ts';
import type { RegionMap } from './region-map.ts';

/** What a device is attached to: all of the machine that a device can reach. */
export interface MachineBus {
  readonly mmio: RegionMap;
  readonly ports: RegionMap;
  /** What devices will do later. */
  readonly events: EventQueue;
  readonly interrupts: InterruptSink;
  /** Where RAM lies: to be read for placing things, never for reaching it. */
  readonly ram: readonly RamRange[];
  /** Whether devices reach only what the CPU has shared: virtio ones offer VIRTIO_F_ACCESS_PLATFORM. */
  readonly privateMemory: boolean;
  /** What the firmware will be told of the machine. */
  readonly hobs: HobBuilder;
  /** Random numbers that depend on the machine's seed alone. */
  readonly random: Random;
  /** `undefined` when tracing is off. */
  readonly trace: Tracer | undefined;
  /** The time, in nanoseconds since power-on. */
  now(): number;
  /** A view of RAM for one device. @param requester its name, for reports */
  createDma(requester: string): Dma;
  /** Reports what a driver did against the rules. */
  report(finding: MachineFinding): void;
  /** Adds to the report of a boot that has spent its budget: lines about the state of a device. */
  addReporter(reporter: () => readonly string[]): void;
  /** Calls `listener` when the machine is reset. */
  onReset(listener: () => void): void;
}

/** A device: anything that can be attached to a machine. */
export interface Device {
  readonly name: string;
  /** Called once, when the machine is built. */
  attach(bus: MachineBus): void;
}
