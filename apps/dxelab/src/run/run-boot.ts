import { Worker } from 'node:worker_threads';
import type { BootReport } from '@dxelab/scenario';
import type { BootRequest, WorkerMessage } from './messages.ts';
import { rescueTrace } from './trace-tail.ts';

/** How a boot's worker ended. */
export type BootResult =
  | { readonly kind: 'report'; readonly report: BootReport; readonly succeeded: boolean }
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
 * Boots in a worker, so that Ctrl-C and a driver that loops without touching the machine can be
 * ended too. The worker is gone when this returns.
 */
export async function runBoot(request: BootRequest, options: RunOptions): Promise<BootResult> {
  const worker = new Worker(new URL('./boot-worker.js', import.meta.url), {
    workerData: request,
    stdout: true,
  });
  // the account has standard output for itself: what a driver logs is said beside it
  worker.stdout.pipe(process.stderr, { end: false });
  let phase = 'starting';
  const result = await new Promise<BootResult>((resolve) => {
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
  if (result.kind === 'ended' && request.trace !== undefined) rescueTrace(request.trace);
  return result;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
