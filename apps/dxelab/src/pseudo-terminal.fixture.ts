import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long something may take to show up, in milliseconds: the machine may be busy. */
const PATIENCE = 40_000;

/** A command on a terminal of its own, made by util-linux's `script`, and somebody who types there. */
export class PseudoTerminal {
  readonly #folder: string;
  readonly #script: ChildProcess;
  readonly #ended: Promise<number | null>;
  #shown = '';
  /** Up to where `shows` has come. */
  #seen = 0;
  #news: () => void = () => {};

  /** @param folder where the command runs, and where it is noted how the terminal stood before and after */
  constructor(folder: string, command: readonly string[]) {
    this.#folder = folder;
    const words = command.map((word) => `'${word}'`).join(' ');
    const line = `stty -g > before; ${words} & echo $! > pid; fg > /dev/null; status=$?; stty -g > after; exit $status`;
    this.#script = spawn(
      'script',
      ['--quiet', '--return', '--command', `set -m; ${line}`, '/dev/null'],
      {
        cwd: folder,
        stdio: ['pipe', 'pipe', 'inherit'],
        // dash has no job control without a terminal on standard error
        env: { ...process.env, SHELL: '/bin/bash', NO_COLOR: '1' },
      },
    );
    this.#script.stdout?.on('data', (bytes: Buffer) => {
      this.#shown += bytes.toString('latin1');
      this.#news();
    });
    this.#ended = new Promise((resolve) => this.#script.once('close', resolve));
  }

  type(text: string): void {
    this.#script.stdin?.write(text);
  }

  /** Sends a signal to the command itself. */
  signal(signal: NodeJS.Signals): void {
    process.kill(Number(this.#note('pid')), signal);
  }

  /** Waits until this stands there, behind what was waited for before. */
  async shows(text: string): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const index = this.#shown.indexOf(text, this.#seen);
      if (index >= 0) {
        this.#seen = index + text.length;
        return;
      }
      if (Date.now() > deadline) throw new Error(`no "${text}" in: ${this.#shown}`);
      await new Promise<void>((resolve) => {
        this.#news = resolve;
        setTimeout(resolve, 100);
      });
    }
  }

  /** What there was to see when the command was over, its exit status, and whether the terminal is as before. */
  async end(): Promise<{ shown: string; status: number | null; isRestored: boolean }> {
    const status = await this.#ended;
    const isRestored = this.#note('before') === this.#note('after');
    return { shown: this.#shown, status, isRestored };
  }

  #note(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8');
  }
}
