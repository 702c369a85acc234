// The thread of the lab, and what must be said before it is loaded.
import * as nodeModule from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { LabWork, WorkerMessage } from './messages.ts';

// so that stacks show the lines of its TypeScript
process.setSourceMapsEnabled(true);
// Node 22 and later keep what they have compiled for the next time, each thread for itself
if ('enableCompileCache' in nodeModule && typeof nodeModule.enableCompileCache === 'function') {
  nodeModule.enableCompileCache();
}
const { runRequest } = await import('./run-request.ts');

function say(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

// what the main thread gave this worker to do; it knows no other type
const { request, work }: LabWork = workerData;
say(await runRequest(request, { say, work }));
