import { ReadStream, WriteStream } from 'node:tty';
import type { BootOptions } from '../boot-options.ts';
import { UsageError } from '../boot-options.ts';
import type { BootRequest } from '../run/messages.ts';
import { LiveTerminal } from './live-terminal.ts';
import { SerialLog } from './serial-log.ts';

/** Where the serial port of a machine goes to on this side. */
export interface OpenSerial {
  /** The user's own, if he types. */
  readonly terminal: LiveTerminal | undefined;
  /** Aborted when he wants the boot to end. */
  readonly interrupt: AbortSignal;
  show(bytes: Uint8Array): void;
  /** Gives the terminal back. Once is enough. */
  close(): void;
}

/**
 * Opens what the options ask for; a terminal is not taken over yet.
 * @throws UsageError if there is no terminal, or the log cannot be written
 */
export function openSerial({ serial }: BootRequest, options: BootOptions): OpenSerial {
  const leaving = new AbortController();
  const terminal =
    serial?.typed &&
    new LiveTerminal({
      ...theTerminal(options),
      typed: serial.typed,
      onEnd: () => leaving.abort(),
      onSwitchOff: () => void Atomics.store(serial.switchedOff, 0, 1),
    });
  const log = options.serialLog === undefined ? undefined : new SerialLog(options.serialLog);
  return {
    terminal,
    interrupt: leaving.signal,
    show(bytes) {
      terminal?.show(bytes);
      log?.write(bytes);
    },
    close() {
      terminal?.close();
      log?.close();
    },
  };
}

/** The account has standard output for itself, if it is no terminal or a program is to read it. */
function theTerminal({ json = false }: BootOptions): { keyboard: ReadStream; screen: WriteStream } {
  const { stdin, stdout, stderr } = process;
  const screen = [json ? undefined : stdout, stderr].find((one) => one instanceof WriteStream);
  if (stdin instanceof ReadStream && screen !== undefined) return { keyboard: stdin, screen };
  throw new UsageError(
    '--interactive needs a terminal to type at and to show on: --input types a file or a pipe',
  );
}
