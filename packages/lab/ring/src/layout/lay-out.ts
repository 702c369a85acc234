import type { RingPicture } from '../picture.ts';
import type { RingLayout } from './layout.ts';
import { requestLines } from './owners.ts';
import { layPacked } from './lay-packed.ts';
import { laySplit } from './lay-split.ts';

/** Decides what is on a picture, for whoever draws it. */
export function layOut(picture: RingPicture): RingLayout {
  const { device, queue, request, step, steps, actor, notifies, snapshot } = picture;
  const body =
    snapshot.format === 'split' ? laySplit(picture, snapshot) : layPacked(picture, snapshot);
  return {
    title: `${device}, queue ${queue}`,
    subtitle: `${snapshot.format} ring of ${snapshot.size} · request ${request.number} · step ${step.number} of ${steps}`,
    caption: step.caption,
    step: step.number,
    steps,
    actor,
    notifies,
    requests: requestLines(picture),
    ...body,
  };
}
