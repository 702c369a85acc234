import { Worker } from 'node:worker_threads';
import type {
  Account,
  BootRequest,
  CompareRequest,
  LabReport,
  LabRequest,
  RingReport,
  RingRequest,
  WorkerMessage,
} from './messages.ts';
import { rescueTrace } from './trace-tail.ts';

/** What came of a request: a report, or why there is none. */
export type LabResult = LabReport | LabFailure;

/** Why there is no report. */
export type LabFailure =
  /** The scenario cannot be booted: what is wrong with it. */
  | { readonly kind: 'problem'; readonly message: string }
  /** It was ended from outside: Ctrl-C, or a loop that never came back. */
  | { readonly kind: 'ended'; readonly message: string; readonly signal: boolean };

export interface RunOptions {
  /** In seconds of real time: the end of a loop that does not touch the machine. */
  readonly timeout: number;
  readonly onProgress: (phase: string) => void;
}

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
  const worker = new Worker(new URL('./lab-worker.js', import.meta.url), {
    workerData: request,
    stdout: true,
  });
  // the account has standard output for itself: what a driver logs is said beside it
  worker.stdout.pipe(process.stderr, { end: false });
  let phase = 'starting';
  const result = await new Promise<LabResult>((resolve) => {
    const end = (message: string, signal: boolean): void =>
      resolve({ kind: 'ended', message, signal });
    const interrupted = (): void => end(`interrupted while ${phase}`, true);
    process.once('SIGINT', interrupted);
    process.once('SIGTERM', interrupted);
    const timer = setTimeout(() => {
      const seconds = `${options.timeout} s`;
      end(
        `no end after ${seconds} of real time, while ${phase}: a loop that never touches the machine?`,
        false,
      );
    }, options.timeout * 1000);
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') {
        ({ phase } = message);
        options.onProgress(phase);
      } else {
        resolve(message);
      }
    });
    worker.once('error', (error) => end(`the lab failed: ${stackOf(error)}`, false));
    worker.once('exit', (code) => end(`the lab's worker ended with ${code}`, false));
    worker.once('exit', () => clearTimeout(timer));
    worker.once('exit', () => process.off('SIGINT', interrupted).off('SIGTERM', interrupted));
  });
  await worker.terminate();
  const trace = request.task === 'boot' ? request.trace : undefined;
  if (result.kind === 'ended' && trace !== undefined) rescueTrace(trace);
  return result;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
