import { captionOf } from './caption.ts';
import type { QueueSummary, RingPicture, RingStep, RingStory } from './picture.ts';
import type { QueueRecording } from './recording/frame.ts';
import type { Moment } from './snapshot/replay.ts';
import { replay } from './snapshot/replay.ts';
import type { RingRequest } from './snapshot/snapshot.ts';

/** What of a run is wanted; what is left out is the first that there is. */
export interface RingSelection {
  /** By its name, `virtio-blk 02.0`, or a part of it that no other has. */
  readonly device?: string | undefined;
  readonly queue?: number | undefined;
  /** From 1; or the last one of the queue. */
  readonly request?: number | 'last' | undefined;
  /** From 1; or every one. Without it, the one at which the device has the request and has done nothing yet. */
  readonly step?: number | 'all' | undefined;
}

/** What was asked for is not there; the message says what is. */
export class RingSelectionError extends Error {
  override readonly name = 'RingSelectionError';
}

/** Which frames of a recording belong to a request. */
interface Span {
  readonly first: number;
  /** The last one; of a request that never came back, of the recording. */
  last: number;
  /** Where it was made available. */
  readonly published: number;
  request: RingRequest;
}

/** The queues of a run. */
export function summarize(queues: readonly QueueRecording[]): readonly QueueSummary[] {
  return queues.map(({ device, queue, frames }) => {
    let requests = 0;
    for (const { published } of replay(frames)) requests += published.length;
    return { device, queue, requests };
  });
}

/**
 * The steps of a request, and pictures of those that are wanted.
 * @throws RingSelectionError if the run has no such device, queue, request or step
 */
export function tellStory(
  queues: readonly QueueRecording[],
  selection: RingSelection = {},
): RingStory {
  const recording = chooseQueue(queues, selection);
  const { device, queue } = recording;
  const span = findRequest(recording, selection.request ?? 1);
  const story = [...pictures(recording, span)];
  const steps = story.map(({ step }) => step);
  return {
    device,
    queue,
    request: span.request.number,
    steps,
    pictures: choosePictures(story, span.request, selection.step),
  };
}

function chooseQueue(
  queues: readonly QueueRecording[],
  { device, queue }: RingSelection,
): QueueRecording {
  const all = summarize(queues);
  if (all.length === 0)
    throw new RingSelectionError('no driver has set up a virtqueue in this run');
  const ofDevice = all.filter(({ device: name }) => device === undefined || name.includes(device));
  const names = new Set(ofDevice.map(({ device: name }) => name));
  if (names.size === 0) refuse(`no device '${device}' has a virtqueue in this run`, all);
  if (device !== undefined && names.size > 1 && !names.has(device)) {
    refuse(`'${device}' can be ${[...names].map((name) => `'${name}'`).join(' or ')}`, ofDevice);
  }
  const candidates = ofDevice.filter(
    ({ device: name, queue: index }) =>
      (queue === undefined || index === queue) && (!names.has(device ?? '') || name === device),
  );
  // Of several that are meant the first on which something happened: a SCSI host's events come first.
  const chosen = candidates.find(({ requests }) => requests > 0) ?? candidates[0];
  if (chosen === undefined) refuse(`there is no queue ${queue}`, ofDevice);
  const found = queues.find(
    ({ device: name, queue: index }) => name === chosen.device && index === chosen.queue,
  );
  return found ?? refuse('there is no such queue', all);
}

function findRequest(recording: QueueRecording, wanted: number | 'last'): Span {
  const spans = [...requestSpans(recording)];
  const found = wanted === 'last' ? spans.at(-1) : spans[wanted - 1];
  if (found !== undefined) return found;
  const { device, queue } = recording;
  const count = spans.length === 1 ? '1 request' : `${spans.length} requests`;
  throw new RingSelectionError(
    `there is no ${wanted === 'last' ? 'last request' : `request ${wanted}`}: ` +
      `${device} has ${count} on queue ${queue} in this run`,
  );
}

/** Where each request begins and ends: at the first of its descriptors that is written, and when it is used. */
function* requestSpans({ frames }: QueueRecording): Generator<Span> {
  const open = new Map<number, Span>();
  /** When each part was first written since it last became the device's. */
  const begun = new Map<string, number>();
  const all: Span[] = [];
  for (const moment of replay(frames)) {
    const { index, fresh, published, completed, frame } = moment;
    if (frame.kind === 'set-up') begun.clear();
    if (frame.kind === 'taken-back') {
      for (const span of open.values()) span.last = index;
      open.clear();
    }
    if (frame.kind === 'driver')
      for (const key of fresh) if (!begun.has(key)) begun.set(key, index);
    for (const request of published) {
      const keys = [
        ...request.slots.map((slot) => `descriptor ${slot}`),
        `available-entry ${request.entry}`,
      ];
      const first = Math.min(index, ...keys.map((key) => begun.get(key) ?? index));
      for (const key of keys) begun.delete(key);
      const span = { first, last: frames.length - 1, published: index, request };
      open.set(request.number, span);
      all.push(span);
    }
    for (const request of completed) {
      const span = open.get(request.number);
      if (span === undefined) continue;
      span.last = index;
      span.request = request;
      open.delete(request.number);
    }
  }
  yield* all;
}

function* pictures(recording: QueueRecording, span: Span): Generator<RingPicture> {
  const { device, queue, frames } = recording;
  const { first, last, request } = span;
  const steps = last - first + 1;
  for (const moment of replay(frames)) {
    if (moment.index < first) continue;
    if (moment.index > last) return;
    const step = stepOf(moment, moment.index - first + 1);
    const { frame, completed, fresh } = moment;
    const actor = frame.kind === 'device' ? 'device' : 'driver';
    const notifies = frame.kind === 'notify';
    const snapshot = moment.snapshot();
    yield { device, queue, request, step, steps, actor, notifies, completed, fresh, snapshot };
  }
}

function stepOf(moment: Moment, number: number): RingStep {
  return { number, caption: captionOf(moment), time: moment.frame.time };
}

function choosePictures(
  all: readonly RingPicture[],
  { number }: RingRequest,
  wanted: number | 'all' | undefined,
): readonly RingPicture[] {
  if (wanted === 'all') return all;
  const chosen = wanted === undefined ? telling(all, number) : all[wanted - 1];
  if (chosen !== undefined) return [chosen];
  throw new RingSelectionError(
    `there is no step ${wanted}: request ${number} has ${all.length} steps`,
  );
}

/** The last picture at which the request is in flight, or what comes nearest. */
function telling(all: readonly RingPicture[], number: number): RingPicture | undefined {
  const inFlight = ({ snapshot }: RingPicture): boolean =>
    snapshot.inFlight.some((request) => request.number === number);
  return all.findLast(inFlight) ?? all.at(-1);
}

function refuse(what: string, queues: readonly QueueSummary[]): never {
  throw new RingSelectionError(`${what}; there ${summaryText(queues)}`);
}

function summaryText(queues: readonly QueueSummary[]): string {
  const texts = queues.map(
    ({ device, queue, requests }) =>
      `${device} queue ${queue} (${requests === 1 ? '1 request' : `${requests} requests`})`,
  );
  return `${texts.length === 1 ? 'is' : 'are'} ${texts.join(', ')}`;
}
