import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, mkdtempSync, openSync } from 'node:fs';
import { rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QemuError } from '../qemu-error.ts';
import { haltingBios } from './halting-bios.ts';

/** Files here are memory, and mapping one shares it. */
const SHARED_MEMORY = '/dev/shm';
const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** Whether guest RAM of this size fits into shared memory: a file there may grow beyond it, and then kill. */
export function fitsSharedMemory(size: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    return bavail * bsize >= size;
  } catch {
    // There is none on this host.
    return false;
  }
}

/**
 * The files between QEMU and us, open on our side and on QEMU's.
 *
 * QEMU reads its commands from a FIFO, so that it waits for them, and writes its answers to a plain
 * file in memory, so that we can look for one without blocking and without an exception: a wait can
 * then have a deadline, and the thread can be terminated. What it says on standard error comes through
 * a second FIFO, whose end of file says that QEMU is gone.
 *
 * All of them have lost their names before QEMU starts. So nothing can be left behind, however this
 * process ends. There is one exception: a QEMU at whose serial port something is typed knows both its sides by
 * their names only (`input-path` is newer than QEMU 7.2), until it has opened them.
 */
export class ExchangeFiles {
  /** Accepts commands; non-blocking. */
  readonly commands: number;
  /** What QEMU says on standard error; non-blocking. */
  readonly errors: number;
  /** Grows by answers. */
  readonly answers: number;
  /** Grows by what the guest writes to its serial port. */
  readonly console: number;
  /** Takes what is typed at the serial port, if something may be; non-blocking. */
  readonly keyboard: number | undefined;
  /** The name that QEMU opens the serial port by, if something may be typed there. */
  readonly consolePath: string | undefined;
  /** Guest RAM, if it is shared. */
  readonly ram: number | undefined;
  /** What QEMU is to have as its files 0, 1, 2 and so on: as `INHERITED` says. */
  readonly inherited: readonly number[];
  /** To be closed when QEMU has been started, and in the end. */
  readonly #theirs: number[] = [];
  readonly #ours: number[] = [];
  readonly #folder: string;

  /**
   * @param sharedRam the size of guest RAM, in bytes, if it is to be shared
   * @param mayBeTyped whether something may be typed at the serial port
   */
  constructor(sharedRam: number | undefined, mayBeTyped: boolean) {
    this.#folder = mkdtempSync(
      join(fitsSharedMemory(0) ? SHARED_MEMORY : tmpdir(), 'dxelab-qemu-'),
    );
    const path = (name: string): string => join(this.#folder, name);
    try {
      makeFifos(['commands', 'errors', CONSOLE_IN].map(path));
      // The reading end first: to open a FIFO for writing waits for a reader, or fails.
      const stdin = this.#open(this.#theirs, path('commands'), O_RDONLY | O_NONBLOCK);
      this.commands = this.#open(this.#ours, path('commands'), O_WRONLY | O_NONBLOCK);
      this.errors = this.#open(this.#ours, path('errors'), O_RDONLY | O_NONBLOCK);
      const stderr = this.#open(this.#theirs, path('errors'), O_WRONLY);
      this.answers = this.#open(this.#ours, path('answers'), 'wx+');
      // Opened once more, for QEMU moves on in it while it writes.
      const stdout = this.#open(this.#theirs, path('answers'), 'r+');
      const bios = this.#open(this.#theirs, path('bios'), 'wx+');
      writeSync(bios, haltingBios());
      this.console = this.#open(this.#ours, path(CONSOLE_OUT), 'wx+');
      if (mayBeTyped) {
        // A reader of our own, too: what is typed waits for QEMU, which opens it later.
        this.keyboard = this.#open(this.#ours, path(CONSOLE_IN), O_RDWR | O_NONBLOCK);
        this.consolePath = path(CONSOLE);
      }
      this.inherited = [stdin, stdout, stderr, bios, this.console];
      if (sharedRam !== undefined) {
        this.ram = this.#open(this.#ours, path('ram'), 'wx+');
        ftruncateSync(this.ram, sharedRam);
        this.inherited = [...this.inherited, this.ram];
      }
    } catch (caught) {
      this.close();
      throw caught;
    }
    if (!mayBeTyped) this.forgetNames();
  }

  /** QEMU has opened what it opens by its name. */
  forgetNames(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Closes QEMU's side: it has its own by now. */
  closeInherited(): void {
    for (const file of this.#theirs.splice(0)) closeSync(file);
  }

  /** Closes everything. Once is enough. */
  close(): void {
    this.forgetNames();
    this.closeInherited();
    for (const file of this.#ours.splice(0)) closeSync(file);
  }

  #open(list: number[], path: string, flags: string | number): number {
    const file = openSync(path, flags);
    list.push(file);
    return file;
  }
}

/** A pipe of QEMU's has one name, and a file for each direction. */
const CONSOLE = 'console';
const CONSOLE_IN = `${CONSOLE}.in`;
const CONSOLE_OUT = `${CONSOLE}.out`;

/** Under which numbers QEMU has the files that are not its standard ones. */
export const INHERITED = { bios: 3, console: 4, ram: 5 } as const;

/** Node cannot make FIFOs; coreutils can. */
function makeFifos(paths: readonly string[]): void {
  const { error, status, stderr } = spawnSync('mkfifo', ['-m', '600', ...paths]);
  if (error === undefined && status === 0) return;
  throw new QemuError('exited', `mkfifo failed: ${error?.message ?? stderr.toString()}`);
}
