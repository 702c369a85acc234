import { fstatSync, readSync } from 'node:fs';
import type { Platform } from '@dxelab/platform';
import { setUpChipset } from './chipset/hobs.ts';
import { isSerialPortSetUp } from './chipset/serial-port.ts';
import type { QemuMachineType } from './chipset/machine-type.ts';
import { layOutRam } from './chipset/ram-layout.ts';
import type { QemuDevice } from './launch/qemu-device.ts';
import { fitsSharedMemory } from './launch/exchange-files.ts';
import { QemuProcess } from './launch/qemu-process.ts';
import type { QemuProgram } from './program/qemu-program.ts';
import { probeQemu } from './program/qemu-program.ts';
import { ENDIANNESS_COMMAND } from './qtest/commands.ts';
import { QtestLink } from './qtest/qtest-link.ts';
import { SerialLine } from './serial-line.ts';
import type { QemuTerminal } from './serial-line.ts';
import { QemuPlatform } from './waist/qemu-platform.ts';
import type { QemuBudget } from './waist/qemu-processor.ts';
import { QemuProcessor } from './waist/qemu-processor.ts';
import { QtestRam } from './waist/qtest-ram.ts';
import { SharedRam } from './waist/shared-ram.ts';

/** What a machine is made of. */
export interface QemuMachineOptions {
  /** From `probeQemu`. Default: what it finds, which takes its time for each machine. */
  readonly qemu?: QemuProgram;
  readonly machine: QemuMachineType;
  /** In bytes: whole pages. */
  readonly memory: number;
  /** Plugged in this order. */
  readonly devices?: readonly QemuDevice[];
  /** Of microvm's transports. Default: 2. */
  readonly virtioMmioVersion?: 1 | 2;
  /** Of QEMU's random numbers, a whole number: the same seed is the same entropy. Default: none. */
  readonly seed?: number;
  /** What the real-time clock shows at power-on, in seconds since 1970. Default: the time of the host. */
  readonly time?: number;
  /** Whether guest RAM is memory shared with QEMU, or reached by commands. Default: shared if it fits. */
  readonly ram?: 'shared' | 'qtest';
  /** For one answer of QEMU's, in milliseconds. Default: 10 s. */
  readonly deadline?: number;
  readonly budget?: QemuBudget;
  /** Who sits at its serial port. Default: nobody, and what it sends is kept for `takeConsole`. */
  readonly terminal?: QemuTerminal;
}

const PATIENCE = 10_000;

/** A machine that is switched on. It takes a process and some files until it is closed. */
export interface QemuMachine extends Disposable {
  /** What the firmware gets, and nothing else. */
  readonly platform: Platform;
  /** Of QEMU. */
  readonly processId: number;
  /** Limits what the world may use from now on; counted from power-on. */
  setBudget(budget: QemuBudget): void;
  /** What the guest has written to its serial port since the last time. */
  takeConsole(): Uint8Array;
  /** Ends QEMU, and the world with it, as a power failure would. Once is enough. */
  close(): void;
}

/**
 * Starts QEMU, does what PEI would, and is ready for the DXE phase; some 50 ms.
 * @throws QemuError with what QEMU has to say, and nothing is left running
 */
export function createQemuMachine(options: QemuMachineOptions): QemuMachine {
  const { machine, memory, devices = [], virtioMmioVersion = 2, seed, time } = options;
  const { deadline = PATIENCE, budget = {}, terminal } = options;
  const pieces = layOutRam(machine, memory);
  const sharesRam = (options.ram ?? (fitsSharedMemory(memory) ? 'shared' : 'qtest')) === 'shared';
  const qemu = options.qemu ?? probeQemu();
  const process = new QemuProcess(
    { qemu, machine, memory, devices, virtioMmioVersion, seed, time, sharesRam },
    terminal?.mayType ?? false,
  );
  const link = new QtestLink(process, deadline);
  try {
    link.ask(ENDIANNESS_COMMAND);
    process.files.forgetNames();
    const ram =
      process.files.ram === undefined
        ? new QtestRam(pieces, link)
        : new SharedRam(process.files.ram, pieces, link);
    const hobs = setUpChipset(machine, ram, pieces, link);
    const processor = new QemuProcessor(link);
    processor.setBudget(budget);
    const platform = new QemuPlatform(processor, ram, link, hobs);
    const running = new RunningMachine(platform, processor, process, link);
    if (terminal !== undefined) running.connect(terminal);
    return running;
  } catch (caught) {
    link.close();
    throw caught;
  }
}

class RunningMachine implements QemuMachine {
  readonly platform: Platform;
  readonly #processor: QemuProcessor;
  readonly #process: QemuProcess;
  readonly #link: QtestLink;
  #shown = 0;
  #closed = false;

  constructor(platform: Platform, processor: QemuProcessor, process: QemuProcess, link: QtestLink) {
    this.platform = platform;
    this.#processor = processor;
    this.#process = process;
    this.#link = link;
  }

  get processId(): number {
    return this.#process.id;
  }

  setBudget(budget: QemuBudget): void {
    this.#processor.setBudget(budget);
  }

  /** Somebody sits down at the serial port. */
  connect(terminal: QemuTerminal): void {
    const { keyboard } = this.#process.files;
    const line = keyboard === undefined ? undefined : new SerialLine(terminal, keyboard);
    let isSetUp = false;
    this.#processor.serveSerial((now) => {
      terminal.show(this.#readConsole());
      if (line !== undefined) {
        isSetUp ||= isSerialPortSetUp(this.#link);
        if (isSetUp) line.serve(now);
      }
      return !terminal.isSwitchedOff();
    });
  }

  takeConsole(): Uint8Array {
    if (this.#closed) return new Uint8Array(0);
    this.#settle();
    return this.#readConsole();
  }

  /** What QEMU has written down by now. */
  #readConsole(): Uint8Array {
    const { console } = this.#process.files;
    const bytes = new Uint8Array(fstatSync(console).size - this.#shown);
    this.#shown += readSync(console, bytes, 0, bytes.length, this.#shown);
    return bytes;
  }

  #settle(): void {
    try {
      if (this.#link.alive) this.#link.settle();
    } catch (caught) {
      // The world is told of the loss at its next access; what QEMU has left can be read all the same.
      if (this.#link.alive) throw caught;
    }
  }

  close(): void {
    this.#closed = true;
    this.#processor.switchOff();
    this.#link.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
