import type { Measurement } from '../figure.ts';
import { compare } from '../measure.ts';
import { createRingWorld } from '../ring-world.ts';

/** A notification of 256 chains and fewer is too short to be timed by itself. */
const NOTIFICATIONS = 64;

function many(notify: () => number): () => number {
  return () => {
    let chains = 0;
    for (let left = NOTIFICATIONS; left > 0; left--) chains += notify();
    return chains;
  };
}

/**
 * Chains that a device model is given and gives back, from a notification on, with all that is checked:
 * the slower of the two rings, and packed to split.
 */
export function measure(): Measurement {
  const single = compare(many(createRingWorld('packed', 1)), many(createRingWorld('split', 1)));
  const pairs = compare(many(createRingWorld('packed', 2)), many(createRingWorld('split', 2)));
  return {
    value: Math.min(single.rate, single.baseline),
    unit: 'chains/s',
    ratio: single.ratio,
    notes: [
      `split: ${said(single.baseline)} chains/s, packed: ${said(single.rate)}`,
      `of two descriptors each: split: ${said(pairs.baseline)}, packed: ${said(pairs.rate)}`,
    ],
  };
}

function said(rate: number): string {
  return Math.round(rate).toLocaleString('en-US');
}
