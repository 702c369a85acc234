import type { AddressSpace } from './address-space.ts';
import { Cycles } from './cycles.ts';
import { GuestRam } from './guest-ram.ts';
import { LocalRam } from './local-ram.ts';
import type { HobList } from './hobs.ts';
import type { Clock, Cpu, Platform } from './platform.ts';
import { TerminalSignal } from './terminal-signal.ts';

export const HIGH = 2 ** 32;
const SIZE = 0x1000;

/** Registers that keep what was last written at each address, and note every transaction. */
class Registers implements AddressSpace {
  readonly #cycles: Cycles;
  readonly #log: string[];
  readonly #values = new Map<number, bigint>();

  constructor(cycles: Cycles, log: string[]) {
    this.#cycles = cycles;
    this.#log = log;
  }

  read8 = (address: number): number => Number(this.#read(address, 8));
  read16 = (address: number): number => Number(this.#read(address, 16));
  read32 = (address: number): number => Number(this.#read(address, 32));
  read64 = (address: number): bigint => this.#read(address, 64);
  write8 = (address: number, value: number): void => this.#write(address, 8, BigInt(value));
  write16 = (address: number, value: number): void => this.#write(address, 16, BigInt(value));
  write32 = (address: number, value: number): void => this.#write(address, 32, BigInt(value));
  write64 = (address: number, value: bigint): void => this.#write(address, 64, value);

  #read(address: number, bits: number): bigint {
    this.#cycles.access();
    this.#log.push(`R${bits} ${address}`);
    return BigInt.asUintN(bits, this.#values.get(address) ?? 0n);
  }

  #write(address: number, bits: number, value: bigint): void {
    this.#cycles.access();
    this.#log.push(`W${bits} ${address} = ${value}`);
    this.#values.set(address, value);
  }
}

/** As little of a machine as the waist needs: RAM, registers, and a clock with its alarm. */
export class TestPlatform implements Platform, Clock, Cpu {
  readonly cycles: Cycles = new Cycles(() => this.#reached());
  /** Every transaction on MMIO and ports. */
  readonly log: string[] = [];
  readonly storage: LocalRam = new LocalRam([
    { base: 0, bytes: new Uint8Array(SIZE) },
    { base: HIGH, bytes: new Uint8Array(SIZE) },
  ]);
  readonly ram: GuestRam = new GuestRam(this.cycles, this.storage, this.storage.ranges[0]);
  readonly mmio: AddressSpace = new Registers(this.cycles, this.log);
  readonly ports: AddressSpace = new Registers(this.cycles, this.log);
  readonly clock: Clock = this;
  readonly cpu: Cpu = this;
  readonly hobs: HobList = {
    machineType: 'X64',
    resources: [{ type: 'EFI_RESOURCE_SYSTEM_MEMORY', base: 0, length: SIZE }],
    allocations: [],
    pciRootBridges: [],
    deviceTree: { address: 0x100, length: 16 },
  };
  interruptsEnabled = false;
  #handler: (() => void) | undefined;
  #alarm = Infinity;
  #signal: TerminalSignal | undefined;

  now(): number {
    this.cycles.access();
    return this.cycles.now;
  }

  setAlarm(time: number | undefined): void {
    this.cycles.access();
    this.#alarm = time ?? Infinity;
    this.#update();
  }

  delay(nanoseconds: number): void {
    this.cycles.access();
    const until = this.cycles.now + nanoseconds;
    while (this.cycles.due <= until) this.#jump(this.cycles.due);
    this.#jump(until);
  }

  setInterruptHandler(handler: (() => void) | undefined): void {
    this.cycles.access();
    this.#handler = handler;
    this.#update();
  }

  setInterruptState(enabled: boolean): boolean {
    this.cycles.access();
    const before = this.interruptsEnabled;
    this.interruptsEnabled = enabled;
    this.#update();
    this.#reached();
    return before;
  }

  sleep(): void {
    this.cycles.access();
    if (this.cycles.due === Infinity)
      this.end(new TerminalSignal('stopped', 'nothing to wait for'));
    this.#jump(this.cycles.due);
  }

  fence(): void {
    this.cycles.access();
    this.log.push('fence');
  }

  reset(type: string, message: string): never {
    return this.end(new TerminalSignal('reset', message, { type }));
  }

  end(signal: TerminalSignal): never {
    this.#signal ??= signal;
    this.cycles.due = -Infinity;
    throw this.#signal;
  }

  #jump(time: number): void {
    this.cycles.now = Math.max(this.cycles.now, time);
    this.#reached();
  }

  #reached(): void {
    while (this.cycles.now >= this.cycles.due) {
      if (this.#signal !== undefined) throw this.#signal;
      this.#alarm = Infinity;
      this.interruptsEnabled = false;
      this.#update();
      this.#handler?.();
      this.interruptsEnabled = true;
      this.#update();
    }
  }

  #update(): void {
    this.cycles.due = this.interruptsEnabled ? this.#alarm : Infinity;
  }
}

/** What `run` throws. */
export function caughtFrom(run: () => unknown): unknown {
  try {
    run();
  } catch (caught) {
    return caught;
  }
  return undefined;
}
