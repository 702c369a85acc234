import type { GuestRam } from '@dxelab/platform';
import { bytesText } from './guest-bytes.ts';
import type { QueueRequest } from './queue-request.ts';
import type { Fact } from './recording.ts';
import type { Segment } from './ring.ts';

/** A request of which only the buffers are known. */
export class PlainRequest implements QueueRequest {
  readonly what = 'request';
  readonly facts: readonly Fact[];
  readonly #ram: GuestRam;
  readonly #segments: readonly Segment[];

  constructor(ram: GuestRam, segments: readonly Segment[]) {
    this.#ram = ram;
    this.#segments = segments;
    const readable = segments.filter(({ writable }) => !writable);
    this.facts = [
      descriptorsFact(segments),
      ...readable.map((segment) => dataFact(ram, segment, segment.length)),
    ];
  }

  /** What is in the buffers, as far as the device says that it has written them (virtio §2.7.8). */
  answer(length: number): readonly Fact[] {
    let left = length;
    const data = this.#segments
      .filter(({ writable }) => writable)
      .map((segment) => {
        const written = Math.min(segment.length, left);
        left -= written;
        const fact = dataFact(this.#ram, segment, written);
        if (written === segment.length) return fact;
        return { ...fact, whole: dataFact(this.#ram, segment, segment.length).text };
      });
    return [lengthFact(length), ...data];
  }
}

/** How long the buffers of a request are, and who writes them. */
export function descriptorsFact(segments: readonly Segment[]): Fact {
  const texts = segments.map(
    ({ length, writable }) => `${length} ${writable ? 'to write' : 'to read'}`,
  );
  return { part: 'descriptors', text: texts.join(', ') };
}

/** What the used element says. */
export function lengthFact(length: number): Fact {
  return { part: 'length', text: String(length) };
}

/** The first bytes of a buffer. */
export function dataFact(ram: GuestRam, { address }: Segment, length: number): Fact {
  return { part: 'data', text: bytesText(ram, { address, length }) };
}
