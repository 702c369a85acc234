import type { AddressSpace, Clock, Cpu, HobList, Platform } from '@dxelab/platform';
import type { RamRange } from '@dxelab/platform';
import { Cycles, GuestRam, LocalRam, PlatformFault, TerminalSignal } from '@dxelab/platform';
import type { EfiResetType } from '@dxelab/uefi';

/** Below it RAM, from address 0. */
const RAM_SIZE = 16 * 1024 * 1024;

/** There is nothing but RAM in this machine. */
const NOTHING: AddressSpace = {
  read8: (address) => fault(address),
  read16: (address) => fault(address),
  read32: (address) => fault(address),
  read64: (address) => fault(address),
  write8: (address) => fault(address),
  write16: (address) => fault(address),
  write32: (address) => fault(address),
  write64: (address) => fault(address),
};

function fault(address: number): never {
  throw new PlatformFault(`nothing answers at 0x${address.toString(16)}`);
}

/** A platform with RAM, a virtual clock and its alarm interrupt, and no device. */
export class TestPlatform implements Platform {
  readonly cycles = new Cycles(() => this.#reached());
  readonly ram: GuestRam;
  readonly mmio = NOTHING;
  readonly ports = NOTHING;
  readonly clock: Clock;
  readonly cpu: Cpu;
  readonly hobs: HobList;
  interrupts = false;
  /** Whether a handler ever came back with interrupts enabled: they could then nest without end. */
  returnedEnabled = false;
  #handler: (() => void) | undefined;
  #alarm: number | undefined;
  #pending = false;
  #end: TerminalSignal | undefined;

  constructor(
    ranges: readonly RamRange[] = [{ base: 0, bytes: new Uint8Array(RAM_SIZE) }],
    hobs: Partial<HobList> = {},
  ) {
    this.ram = new GuestRam(this.cycles, new LocalRam(ranges), ranges[0]);
    this.hobs = {
      machineType: 'X64',
      resources: ranges.map(({ base, bytes }) => ({
        type: 'EFI_RESOURCE_SYSTEM_MEMORY',
        base,
        length: bytes.length,
      })),
      allocations: [],
      pciRootBridges: [],
      deviceTree: undefined,
      ...hobs,
    };
    this.clock = {
      now: () => this.cycles.now,
      setAlarm: (time) => {
        this.#alarm = time;
        this.#schedule();
      },
      delay: (nanoseconds) => this.#delay(nanoseconds),
    };
    this.cpu = {
      setInterruptHandler: (handler) => {
        this.#handler = handler;
      },
      setInterruptState: (enabled) => {
        const before = this.interrupts;
        this.interrupts = enabled;
        this.#deliver();
        return before;
      },
      sleep: () => this.#sleep(),
      fence: () => {},
    };
  }

  reset(type: EfiResetType, message: string): never {
    return this.end(new TerminalSignal('reset', message, { type }));
  }

  end(signal: TerminalSignal): never {
    this.#end ??= signal;
    this.cycles.due = -Infinity;
    throw this.#end;
  }

  #schedule(): void {
    this.cycles.due = this.#alarm ?? Infinity;
    if (this.#end !== undefined) this.cycles.due = -Infinity;
  }

  #reached(): void {
    if (this.#end !== undefined) throw this.#end;
    if (this.#alarm !== undefined && this.#alarm <= this.cycles.now) {
      this.#alarm = undefined;
      this.#pending = true;
      this.#schedule();
    }
    this.#deliver();
  }

  #deliver(): void {
    while (this.#pending && this.interrupts && this.#handler !== undefined) {
      this.#pending = false;
      this.interrupts = false;
      this.#handler();
      this.returnedEnabled ||= this.interrupts;
      this.interrupts = true;
    }
  }

  #delay(nanoseconds: number): void {
    const end = this.cycles.now + nanoseconds;
    while (this.#alarm !== undefined && this.#alarm <= end) {
      this.cycles.now = Math.max(this.cycles.now, this.#alarm);
      this.#reached();
    }
    this.cycles.now = Math.max(this.cycles.now, end);
  }

  #sleep(): void {
    if (this.#pending) return this.#deliver();
    if (this.#alarm === undefined) {
      return this.end(new TerminalSignal('stopped', 'the firmware waits for nothing'));
    }
    this.cycles.now = Math.max(this.cycles.now, this.#alarm);
    this.#reached();
  }
}
