import type { Random } from '@dxelab/emulated-machine';

/** Where entropy comes from: fills an array, as `crypto.getRandomValues` does. */
export type EntropySource = (target: Uint8Array) => void;

/** Entropy that is none: the same for the same seed, so that a run can be repeated. */
export function seededEntropy(random: Pick<Random, 'next'>): EntropySource {
  return (target) => {
    let word = 0;
    for (let at = 0; at < target.length; at++) {
      word = (at & 3) === 0 ? random.next() : word >>> 8;
      target[at] = word;
    }
  };
}
