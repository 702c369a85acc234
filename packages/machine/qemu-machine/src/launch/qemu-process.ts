import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, constants, ftruncateSync, mkdtempSync, openSync, readSync } from 'node:fs';
import { rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QemuError } from '../qemu-error.ts';
import { findProgram } from '../program/find-program.ts';
import type { CommandLineOptions } from './command-line.ts';
import { commandLine } from './command-line.ts';
import { haltingBios } from './halting-bios.ts';

/** Files here are memory, and mapping one shares it. */
const SHARED_MEMORY = '/dev/shm';
const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

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
 * A QEMU that runs, and the ends of the files between it and us.
 *
 * QEMU reads its commands from a FIFO, so that it waits for them, and writes its answers to a plain
 * file in memory, so that we can look for one without blocking and without an exception: a wait can
 * then have a deadline, and the thread can be terminated. What it says on standard error comes through
 * a second FIFO, whose end of file says that QEMU is gone.
 *
 * All these files have lost their names by the time QEMU starts. So nothing can be left behind, however
 * this process ends.
 */
export class QemuProcess {
  /** Accepts commands; non-blocking. */
  readonly commands: number;
  /** Grows by answers. */
  readonly answers: number;
  /** Grows by what the guest writes to its serial port. */
  readonly console: number;
  /** Guest RAM, if it is shared. */
  readonly ram: number | undefined;
  readonly #errors: number;
  readonly #child: ChildProcess;
  readonly #buffer = new Uint8Array(4096);
  #said = '';
  #gone = false;
  #closed = false;

  /** @throws QemuError `exited` if it cannot be started */
  constructor(options: CommandLineOptions, sharesRam: boolean) {
    const folder = mkdtempSync(join(fitsSharedMemory(0) ? SHARED_MEMORY : tmpdir(), 'dxelab-'));
    const theirs: number[] = [];
    const ours: number[] = [];
    const create = (name: string): number => keep(ours, openSync(join(folder, name), 'wx+'));
    try {
      const fifos = ['commands', 'errors'].map((name) => join(folder, name));
      makeFifos(fifos);
      const [commands = '', errors = ''] = fifos;
      // The reading end first: to open a FIFO for writing waits for a reader, or fails.
      const stdin = keep(theirs, openSync(commands, O_RDONLY | O_NONBLOCK));
      this.commands = keep(ours, openSync(commands, O_WRONLY | O_NONBLOCK));
      this.#errors = keep(ours, openSync(errors, O_RDONLY | O_NONBLOCK));
      const stderr = keep(theirs, openSync(errors, O_WRONLY));
      this.answers = create('answers');
      this.console = create('console');
      const bios = keep(theirs, openSync(join(folder, 'bios'), 'wx+'));
      writeSync(bios, haltingBios());
      this.ram = sharesRam ? create('ram') : undefined;
      if (this.ram !== undefined) ftruncateSync(this.ram, options.memory);
      // Of its own, for QEMU moves on in it while it writes.
      const stdout = keep(theirs, openSync(join(folder, 'answers'), 'r+'));
      rmSync(folder, { recursive: true });

      const files = [stdin, stdout, stderr, bios, this.console];
      if (this.ram !== undefined) files.push(this.ram);
      this.#child = start(options, files);
    } catch (caught) {
      for (const file of ours) closeSync(file);
      rmSync(folder, { recursive: true, force: true });
      throw caught;
    } finally {
      for (const file of theirs) closeSync(file);
    }
  }

  /** Of the process. */
  get id(): number {
    return this.#child.pid ?? 0;
  }

  /** What QEMU has said on standard error. */
  get said(): string {
    return this.#said.trim();
  }

  /** Whether QEMU is still there; takes in what it has said. */
  lives(): boolean {
    while (!this.#gone) {
      try {
        const length = readSync(this.#errors, this.#buffer);
        if (length === 0) this.#gone = true;
        this.#said += Buffer.from(this.#buffer.subarray(0, length)).toString('utf8');
      } catch (caught) {
        if (isTryAgain(caught)) return true;
        throw caught;
      }
    }
    return false;
  }

  /** Ends QEMU at once, as a power failure would; what it has left can still be read. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends QEMU and closes all files. Once is enough. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.kill();
    for (const file of [this.commands, this.answers, this.console, this.#errors]) closeSync(file);
    if (this.ram !== undefined) closeSync(this.ram);
  }
}

/** Notes an open file in a list of those to be closed. */
function keep(list: number[], file: number): number {
  list.push(file);
  return file;
}

/** A non-blocking file has nothing to read, or no room to write. */
export function isTryAgain(caught: unknown): boolean {
  return caught instanceof Error && 'code' in caught && caught.code === 'EAGAIN';
}

/** Node cannot make FIFOs; coreutils can. */
function makeFifos(paths: readonly string[]): void {
  const { error, status, stderr } = spawnSync('mkfifo', ['-m', '600', ...paths]);
  if (error === undefined && status === 0) return;
  throw new QemuError('exited', `mkfifo failed: ${error?.message ?? stderr.toString()}`);
}

/** Starts QEMU with these files as its own from 0 on. */
function start(options: CommandLineOptions, files: readonly number[]): ChildProcess {
  const { path } = options.qemu;
  const inherited = { bios: 3, console: 4, ram: files.length > 5 ? 5 : undefined };
  const parameters = commandLine(options, inherited);
  // QEMU then ends with the thread that started it, even if that is killed. Out of the terminal's
  // foreground, Ctrl-C is ours alone.
  const setpriv = findProgram('setpriv');
  const child =
    setpriv === undefined
      ? spawn(path, parameters, { stdio: [...files] })
      : spawn(setpriv, ['--pdeathsig', 'KILL', path, ...parameters], {
          stdio: [...files],
          detached: true,
        });
  // Without a listener the error would be thrown, later and out of anybody's reach.
  child.on('error', () => {});
  if (child.pid === undefined) throw new QemuError('exited', `${path} could not be started`);
  child.unref();
  return child;
}
