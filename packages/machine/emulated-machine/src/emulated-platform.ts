import { GuestRam, TerminalSignal } from '@dxelab/platform';
import type {
  AddressSpace,
  Clock,
  Cpu,
  Cycles,
  HobList,
  LocalRam,
  Platform,
} from '@dxelab/platform';
import type { EfiResetType } from '@dxelab/uefi';
import { EmulatedAddressSpace } from './emulated-address-space.ts';
import type { EmulatedBus } from './emulated-bus.ts';
import type { Processor } from './processor.ts';

/** The firmware's side of an emulated machine, whose devices are attached by now. */
export class EmulatedPlatform implements Platform {
  readonly ram: GuestRam;
  readonly mmio: AddressSpace;
  readonly ports: AddressSpace;
  readonly clock: Clock;
  readonly cpu: Cpu;
  readonly cycles: Cycles;
  readonly hobs: HobList;
  readonly #processor: Processor;
  readonly #bus: EmulatedBus;

  constructor(processor: Processor, bus: EmulatedBus, ram: LocalRam) {
    const { cycles } = processor;
    const { trace } = bus;
    const report: EmulatedBus['report'] = (finding) => bus.report(finding);
    this.ram = new GuestRam(cycles, ram, ram.ranges[0]);
    this.mmio = new EmulatedAddressSpace({
      space: 'mmio',
      cycles,
      regions: bus.mmio,
      floating: 'zeros',
      report,
      trace,
    });
    this.ports = new EmulatedAddressSpace({
      space: 'port',
      cycles,
      regions: bus.ports,
      floating: 'ones',
      report,
      trace,
    });
    this.clock = processor;
    this.cpu = processor;
    this.cycles = cycles;
    this.hobs = bus.hobs.build(ram);
    this.#processor = processor;
    this.#bus = bus;
  }

  reset(type: EfiResetType, message: string): never {
    // An access like any other: a dead world is not reset once more.
    this.cycles.access();
    this.#bus.reset();
    return this.end(new TerminalSignal('reset', message, { type }));
  }

  end(signal: TerminalSignal): never {
    return this.#processor.end(signal);
  }
}
