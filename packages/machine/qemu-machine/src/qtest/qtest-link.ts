import { writeSync } from 'node:fs';
import type { QemuProcess } from '../launch/qemu-process.ts';
import { isTryAgain } from '../launch/qemu-process.ts';
import { QemuError } from '../qemu-error.ts';
import { AnswerFile } from './answer-file.ts';
import type { QtestCommand } from './commands.ts';
import { Waiting } from './waiting.ts';

/** So many characters of commands are sent at the latest. */
const LONGEST_BATCH = 0x8000;

/**
 * Sends qtest commands and takes their answers, synchronously.
 *
 * A command whose answer says nothing but `OK` is *posted*: it goes out together with the next one that
 * asks for something, or with `settle`. QEMU works in order, so nobody can tell the difference who asks
 * QEMU; whoever looks into shared RAM settles first.
 */
export class QtestLink {
  readonly #process: QemuProcess;
  readonly #answers: AnswerFile;
  readonly #deadline: number;
  readonly #waiting = new Waiting();
  #batch = '';
  /** Of the commands in the batch and of those that were sent. */
  #unanswered = 0;
  #lost: QemuError | undefined;
  /** Called when QEMU is lost, and may throw something better than the error. */
  onLost: ((error: QemuError) => void) | undefined;

  /** @param deadline for one answer, in milliseconds */
  constructor(process: QemuProcess, deadline: number) {
    this.#process = process;
    this.#answers = new AnswerFile(process.files.answers);
    this.#deadline = deadline;
  }

  /** Whether QEMU is there, as far as anybody has noticed. */
  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** Sends a command that answers nothing; soon, and before every later one. */
  post(command: QtestCommand): void {
    this.#batch += command;
    this.#unanswered++;
    if (this.#batch.length > LONGEST_BATCH) this.#send();
  }

  /**
   * Sends a command and waits for its answer, without the `OK `.
   * @throws QemuError if QEMU refuses this or a posted command, is gone, or does not answer in time
   */
  ask(command: QtestCommand): string {
    this.post(command);
    return this.settle().slice('OK '.length);
  }

  /** Sends many commands at once, and returns their answers. */
  askAll(commands: readonly QtestCommand[]): string[] {
    this.settle();
    for (const command of commands) this.post(command);
    this.#send();
    return commands.map(() => this.#answer().slice('OK '.length));
  }

  /** Waits until every posted command is done. @returns the last answer */
  settle(): string {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#unanswered === 0) return '';
    this.#send();
    let answer = '';
    while (this.#unanswered > 0) answer = this.#answer();
    this.#answers.shorten();
    return answer;
  }

  #send(): void {
    if (this.#lost !== undefined) throw this.#lost;
    const bytes = Buffer.from(this.#batch, 'latin1');
    this.#batch = '';
    this.#waiting.begin();
    for (let done = 0; done < bytes.length;) {
      try {
        done += writeSync(this.#process.files.commands, bytes, done);
      } catch (caught) {
        // Nobody reads what we write.
        if (!isTryAgain(caught)) this.#lose('exited', 'QEMU has exited');
        this.#pause();
      }
    }
  }

  /** The next answer; interrupts that came meanwhile are nobody's business here. */
  #answer(): string {
    this.#waiting.begin();
    for (;;) {
      const line = this.#answers.take();
      if (line === undefined) this.#pause();
      else if (!line.startsWith('IRQ ')) return this.#checked(line);
    }
  }

  #checked(line: string): string {
    this.#unanswered--;
    if (line.startsWith('OK')) return line;
    throw new QemuError('refused', `QEMU answered "${line}" to a qtest command`);
  }

  #pause(): void {
    if (!this.#waiting.pause()) return;
    if (!this.#process.lives()) this.#lose('exited', 'QEMU has exited');
    if (this.#waiting.elapsed < this.#deadline) return;
    this.#lose('silent', `QEMU has not answered for ${this.#deadline} ms, and was ended`);
  }

  #lose(kind: QemuError['kind'], what: string): never {
    this.#process.lives();
    const { said } = this.#process;
    this.#lost = new QemuError(kind, said === '' ? what : `${what}. It said: ${said}`);
    this.#process.kill();
    this.onLost?.(this.#lost);
    throw this.#lost;
  }

  /** Ends QEMU and closes its files, which nobody reaches any more through this link. */
  close(): void {
    this.#lost ??= new QemuError('exited', 'this machine has been closed');
    this.#process.close();
  }

  /** Lets time pass, in milliseconds; the thread can be terminated meanwhile. */
  nap(milliseconds: number): void {
    this.#waiting.nap(milliseconds);
  }
}
