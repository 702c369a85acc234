import { Worker } from 'node:worker_threads';
import { ByteRing } from '../live/byte-ring.ts';
import type {
  Account,
  BootRequest,
  CompareRequest,
  LabReport,
  LabRequest,
  LabWork,
  RingReport,
  RingRequest,
  WorkerMessage,
} from './messages.ts';
import { progressText } from './progress-text.ts';
import { rescueTrace } from './trace-tail.ts';
import { readWork, workNote } from './work-note.ts';

/** What came of a request: a report, or why there is none. */
export type LabResult = LabReport | LabFailure;

/** Why there is no report. */
export type LabFailure =
  /** The scenario cannot be booted: what is wrong with it. */
  | { readonly kind: 'problem'; readonly message: string }
  /** It was ended from outside: Ctrl-C, or a loop that never came back. */
  | { readonly kind: 'ended'; readonly message: string; readonly signal: boolean };

export interface RunOptions {
  /** In seconds of real time: the end of a loop that does not touch the machine. Infinity for no end. */
  readonly timeout: number;
  readonly onProgress: (phase: string) => void;
  /** Receives what leaves the serial port of a boot, if its request says so. */
  readonly onSerial?: (bytes: Uint8Array) => void;
  /** Ends it as Ctrl-C does. */
  readonly interrupt?: AbortSignal;
}

/** What ends a run as Ctrl-C does: then the terminal, QEMU and the trace are left as they should be. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Does it in a worker, so that Ctrl-C and a driver that loops without touching the machine can be
 * ended too. The worker is gone when this returns.
 */
export async function runInWorker(
  request: RingRequest,
  options: RunOptions,
): Promise<RingReport | LabFailure>;
export async function runInWorker(
  request: BootRequest | CompareRequest,
  options: RunOptions,
): Promise<Account | LabFailure>;
export async function runInWorker(request: LabRequest, options: RunOptions): Promise<LabResult> {
  const work = workNote();
  const given: LabWork = { request, work };
  const worker = new Worker(new URL('./lab-worker.js', import.meta.url), {
    workerData: given,
    stdout: true,
  });
  // the account has standard output for itself: what a driver logs is said beside it
  worker.stdout.pipe(process.stderr, { end: false });
  const serial = request.task === 'boot' ? request.serial : undefined;
  const shown = serial && new ByteRing(serial.shown);
  const drain = (): void => {
    if (shown !== undefined) options.onSerial?.(shown.readAll());
  };
  let phase = 'loading the lab';
  const whatItDid = (): string => {
    const whose = readWork(work);
    return whose === undefined ? phase : `${phase}, in ${whose}`;
  };
  const result = await new Promise<LabResult>((resolve) => {
    const end = (message: string, signal: boolean): void =>
      resolve({ kind: 'ended', message, signal });
    const interrupted = (): void => end(`interrupted while ${whatItDid()}`, true);
    for (const signal of SIGNALS) process.once(signal, interrupted);
    options.interrupt?.addEventListener('abort', interrupted);
    const timedOut = (): void => {
      const seconds = `${options.timeout} s`;
      end(
        `no end after ${seconds} of real time, while ${whatItDid()}: a loop that never touches the machine?`,
        false,
      );
    };
    const { timeout } = options;
    const timer = timeout === Infinity ? undefined : setTimeout(timedOut, timeout * 1000);
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') {
        phase = progressText(message.phase);
        options.onProgress(phase);
      } else if (message.kind === 'serial') {
        drain();
      } else {
        resolve(message);
      }
    });
    worker.once('error', (error) => end(`the lab failed: ${stackOf(error)}`, false));
    worker.once('exit', (code) => end(`the lab's worker ended with ${code}`, false));
    worker.once('exit', () => clearTimeout(timer));
    worker.once('exit', () => {
      for (const signal of SIGNALS) process.off(signal, interrupted);
    });
  });
  await worker.terminate();
  drain();
  const trace = request.task === 'boot' ? request.trace : undefined;
  if (result.kind === 'ended' && trace !== undefined) rescueTrace(trace);
  return result;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
