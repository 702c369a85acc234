import type { Measurement } from '../figure.ts';
import { inFlightLoop } from '../in-flight-disk.ts';
import { compare } from '../measure.ts';
import { readLoop } from '../read-loop.ts';

/** Reads of 512 bytes with 32 in flight on a split ring, in turn with one at a time. */
export function measure(): Measurement {
  const { rate, baseline, ratio } = compare(inFlightLoop(0n, {}), readLoop());
  const note = `one at a time: ${Math.round(baseline).toLocaleString('en-US')} reads/s`;
  return { value: rate, unit: 'reads/s', ratio, notes: [note] };
}
