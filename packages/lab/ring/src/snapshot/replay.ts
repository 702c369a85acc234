import type { Frame } from '../recording/frame.ts';
import type { RingImage } from '../ring-image.ts';
import { applyChanges, copyImage } from '../ring-image.ts';
import { partKey, partsOf } from '../ring-part.ts';
import type { RingPlace } from '../ring-place.ts';
import type { Follower, Progress } from './follower.ts';
import { PackedFollower } from './packed-follower.ts';
import type { RingRequest, RingSnapshot } from './snapshot.ts';
import { SplitFollower } from './split-follower.ts';

/** A frame, and what it came to. */
export interface Moment extends Progress {
  /** Of the frame in its recording. */
  readonly index: number;
  readonly frame: Frame;
  /** What was written in this frame, whether it became another or not: keys of parts. */
  readonly fresh: readonly string[];
  /** The queue after the frame; made only when it is asked for. */
  readonly snapshot: () => RingSnapshot;
}

/** The state of a queue that a driver has set up. */
interface Life {
  readonly place: RingPlace;
  readonly image: RingImage;
  readonly follower: Follower;
  readonly prepared: Set<number>;
}

/** Goes through a recording from its beginning, and says at each frame what it means. */
export function* replay(frames: readonly Frame[]): Generator<Moment> {
  let requests = 0;
  const number = (): number => ++requests;
  let life: Life | undefined;
  for (const [index, frame] of frames.entries()) {
    if (frame.kind === 'set-up') life = beginLife(frame, number);
    if (life === undefined) continue;
    const { published, completed } = advance(life, frame);
    const { place, image, follower, prepared } = life;
    const fresh = freshParts(place, frame);
    const snapshot = (): RingSnapshot => follower.snapshot(image, [...prepared]);
    yield { index, frame, fresh, published, completed, snapshot };
  }
}

function beginLife(frame: Frame & { readonly kind: 'set-up' }, number: () => number): Life {
  const { place } = frame;
  const image = copyImage(frame.image);
  const follower =
    place.format === 'packed'
      ? new PackedFollower(place, number)
      : new SplitFollower(place, image, number);
  return { place, image, follower, prepared: new Set() };
}

const NOTHING: readonly RingRequest[] = [];

function advance({ image, follower, prepared }: Life, frame: Frame): Progress {
  if (frame.kind === 'device') {
    applyChanges(image, frame.changes);
    return follower.deviceWrote(image);
  }
  if (frame.kind !== 'driver') return { published: NOTHING, completed: NOTHING };
  applyChanges(image, frame.changes);
  for (const { kind, index } of frame.parts) if (kind === 'descriptor') prepared.add(index);
  const progress = follower.driverWrote(image, frame.tables);
  for (const { slots } of progress.published) for (const slot of slots) prepared.delete(slot);
  return progress;
}

function freshParts(place: RingPlace, frame: Frame): readonly string[] {
  switch (frame.kind) {
    case 'driver':
      return frame.parts.map(partKey);
    case 'device':
      return frame.changes.flatMap(({ area, offset, bytes }) =>
        partsOf(place, area, offset, bytes.length).map(partKey),
      );
    case 'set-up':
    case 'notify':
    case 'taken-back':
    default:
      return [];
  }
}
