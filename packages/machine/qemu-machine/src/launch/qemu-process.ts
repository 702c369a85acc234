import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readSync } from 'node:fs';
import { findProgram } from '../program/find-program.ts';
import { QemuError } from '../qemu-error.ts';
import type { CommandLineOptions } from './command-line.ts';
import { commandLine } from './command-line.ts';
import { ExchangeFiles } from './exchange-files.ts';

/** A QEMU that runs, with the files between it and us. */
export class QemuProcess {
  readonly files: ExchangeFiles;
  readonly #child: ChildProcess;
  readonly #buffer = new Uint8Array(4096);
  #said = '';
  #gone = false;

  /**
   * @param mayBeTyped whether something may be typed at its serial port
   * @throws QemuError `exited` if it cannot be started
   */
  constructor(options: Omit<CommandLineOptions, 'consolePath'>, mayBeTyped: boolean) {
    this.files = new ExchangeFiles(options.sharesRam ? options.memory : undefined, mayBeTyped);
    try {
      const { consolePath, inherited } = this.files;
      this.#child = start({ ...options, consolePath }, inherited);
    } catch (caught) {
      this.files.close();
      throw caught;
    }
    this.files.closeInherited();
  }

  /** Of the process. */
  get id(): number {
    return this.#child.pid ?? 0;
  }

  /** What QEMU has said on standard error, as far as `lives` has taken it in. */
  get said(): string {
    return this.#said.trim();
  }

  /** Whether QEMU is still there. */
  lives(): boolean {
    while (!this.#gone) {
      try {
        const length = readSync(this.files.errors, this.#buffer);
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
    this.kill();
    this.files.close();
  }
}

/** A non-blocking file has nothing to read, or no room to write. */
export function isTryAgain(caught: unknown): boolean {
  return caught instanceof Error && 'code' in caught && caught.code === 'EAGAIN';
}

function start(options: CommandLineOptions, files: readonly number[]): ChildProcess {
  const { path } = options.qemu;
  const parameters = commandLine(options);
  // With it QEMU ends with the thread that started it, even if that is killed. Then it need not stand
  // in the terminal's foreground, and Ctrl-C is ours alone.
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
