import { GuestRam, TerminalSignal } from '@dxelab/platform';
import type {
  AddressSpace,
  Clock,
  Cpu,
  Cycles,
  HobList,
  Platform,
  RamStorage,
} from '@dxelab/platform';
import type { EfiResetType } from '@dxelab/uefi';
import type { QtestLink } from '../qtest/qtest-link.ts';
import type { QemuProcessor } from './qemu-processor.ts';
import { QtestMmio, QtestPorts } from './qtest-address-space.ts';

/** The firmware's side of a machine that QEMU is. */
export class QemuPlatform implements Platform {
  readonly ram: GuestRam;
  readonly mmio: AddressSpace;
  readonly ports: AddressSpace;
  readonly clock: Clock;
  readonly cpu: Cpu;
  readonly cycles: Cycles;
  readonly hobs: HobList;
  readonly #processor: QemuProcessor;

  constructor(processor: QemuProcessor, ram: RamStorage, link: QtestLink, hobs: HobList) {
    const { cycles } = processor;
    // No window: the bytes are not in this process.
    this.ram = new GuestRam(cycles, ram);
    this.mmio = new QtestMmio(cycles, link);
    this.ports = new QtestPorts(cycles, link);
    this.clock = processor;
    this.cpu = processor;
    this.cycles = cycles;
    this.hobs = hobs;
    this.#processor = processor;
    // Firmware is not to take the loss of its machine for a status, nor to clean up after it.
    link.onLost = ({ kind, message }) =>
      this.end(new TerminalSignal('power-loss', message, { kind }));
  }

  reset(type: EfiResetType, message: string): never {
    return this.end(new TerminalSignal('reset', message, { type }));
  }

  end(signal: TerminalSignal): never {
    return this.#processor.end(signal);
  }
}
