import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_RING_PACKED,
} from '@dxelab/virtio';
import type { Scope } from './scope.fixture.ts';

/** A scope, and what is known of it: a check that has shrunk is found out. */
export interface KnownScope extends Scope {
  readonly name: string;
  readonly states: number;
  /** Whether these are all that there are, for any number of chains; else those within `depth` steps. */
  readonly complete: boolean;
}

const FEATURES: ReadonlyMap<string, bigint> = new Map([
  ['packed', VIRTIO_F_RING_PACKED],
  ['event-idx', VIRTIO_F_EVENT_IDX],
  ['in-order', VIRTIO_F_IN_ORDER],
  ['indirect', VIRTIO_F_INDIRECT_DESC],
]);

/** Deep enough for every complete scope. */
const ALL = 1000;

/**
 * A row of the table.
 * @param ring its kind, size and features, and words for how it is used: `toggles` and `polls` for the driver,
 *   `building` if it looks while it builds; `any-order` and `suppresses` for the device; `every-access`
 * @param lengths of chains, in descriptors
 * @param depth in steps; undefined: all states
 */
export function known(
  ring: string,
  lengths: readonly number[],
  inFlight: number,
  states: number,
  depth?: number,
): KnownScope {
  const words = ring.split(' ');
  let features = 0n;
  for (const word of words) features |= FEATURES.get(word) ?? 0n;
  const driver = words.includes('toggles') ? 'toggles' : 'waits';
  return {
    name: `${ring}: lists of ${lengths.join(' or ')}, ${inFlight} in flight`,
    features,
    queueSize: Number(words[1]),
    lengths,
    inFlight,
    driver: words.includes('polls') ? 'polls' : driver,
    looksWhileBuilding: words.includes('building'),
    suppresses: words.includes('suppresses'),
    anyOrder: words.includes('any-order'),
    everyAccess: words.includes('every-access'),
    depth: depth ?? ALL,
    states,
    complete: depth === undefined,
  };
}

/** What CI tries. */
export const SCOPES: readonly KnownScope[] = [
  // one list at a time, all states: at each place of the ring, over the end and over 65535
  known('split 1 event-idx', [1], 1, 763),
  known('split 2 event-idx', [2], 1, 1780),
  known('split 4 event-idx', [3], 1, 4712),
  known('split 8 event-idx', [7], 1, 10_600),
  known('packed 1 event-idx', [1], 1, 3543),
  known('packed 2 event-idx', [2], 1, 3543),
  known('packed 3 event-idx', [2], 1, 10_769),
  known('packed 4 event-idx', [3], 1, 28_489),
  known('packed 5 event-idx', [4], 1, 17_857),
  known('packed 6 event-idx', [5], 1, 42_665),
  known('packed 7 event-idx', [6], 1, 24_945),
  known('packed 8 event-idx', [7], 1, 56_841),
  // the same, with each access a step
  known('split 1 event-idx every-access', [1], 1, 1663),
  known('packed 1 event-idx every-access', [1], 1, 5623),
  known('packed 3 every-access polls', [2], 1, 1323),
  // two at a time, all states
  known('split 2', [1, 2], 2, 34_711),
  known('split 2 event-idx', [1, 2], 2, 44_360),
  known('split 2 event-idx any-order', [1, 2], 2, 55_548),
  known('split 2 event-idx toggles', [1, 2], 2, 73_743),
  known('split 2 event-idx suppresses polls', [1, 2], 2, 14_469),
  known('split 2 suppresses toggles', [1, 2], 2, 160_662),
  known('split 2 in-order event-idx', [1, 2], 2, 47_885),
  known('split 2 indirect event-idx', [2], 2, 34_189),
  known('packed 2', [1, 2], 2, 33_407),
  known('packed 2 any-order suppresses', [1, 2], 2, 75_530),
  known('packed 2 in-order', [1, 2], 2, 85_347),
  known('packed 2 indirect', [1, 2], 2, 219_622),
  known('packed 2 event-idx', [1, 2], 2, 530_569),
  known('packed 3', [1, 2], 2, 171_726),
  known('packed 4', [3, 1], 2, 289_556),
  known('packed 5', [4, 1], 2, 437_919),
  known('packed 8', [7, 1], 2, 1_058_215),
  // as many as there is room for, up to a depth
  known('split 4 event-idx', [1, 3], 4, 60_501, 17),
  known('split 8 event-idx', [3, 5], 2, 108_590, 22),
  known('split 4 in-order event-idx', [1, 3], 4, 39_075, 14),
  known('split 8 indirect event-idx', [1, 2], 8, 57_378, 11),
  known('split 4 any-order', [1, 2], 4, 107_956, 13),
  known('split 2 building', [1], 2, 22_117, 30),
  known('packed 3 event-idx any-order', [1, 2], 3, 313_637, 25),
  known('packed 4 event-idx any-order', [1, 3], 4, 124_327, 21),
  known('packed 5 event-idx', [2, 3], 2, 179_694, 30),
  known('packed 6 event-idx in-order', [1, 5], 6, 94_698, 20),
  known('packed 7 indirect event-idx', [1, 2], 7, 96_265, 15),
  known('packed 8 event-idx', [1, 3], 8, 95_769, 18),
  known('packed 8 in-order', [1, 3], 8, 96_879, 14),
  known('packed 2 building', [1], 2, 23_623, 30),
];

/** What takes too long for each push. */
export const NIGHTLY: readonly KnownScope[] = [
  known('split 2 event-idx every-access', [1, 2], 2, 47_730, 50),
  known('packed 2 event-idx every-access', [1], 2, 39_317, 50),
  known('packed 2 event-idx any-order', [1, 2], 2, 702_969),
  known('packed 2 in-order event-idx', [1, 2], 2, 1_423_761),
  known('packed 6', [5, 1], 2, 615_945),
  known('packed 7', [6, 1], 2, 822_768),
  known('packed 3 event-idx', [2, 1], 2, 2_488_329),
  known('packed 4 event-idx', [3, 1], 2, 4_056_471),
  known('packed 5 event-idx', [4, 1], 2, 965_057, 40),
  known('packed 8 event-idx', [7, 1], 2, 971_502, 40),
  known('split 4 event-idx', [1, 3], 4, 761_106, 24),
  known('split 8', [7, 1], 2, 869_780, 40),
  known('split 8 event-idx', [1, 3], 8, 856_629, 17),
  known('packed 4 event-idx any-order', [1, 3], 4, 4_296_860, 32),
  known('packed 8 event-idx any-order', [1, 3], 8, 2_530_611, 22),
  known('packed 8 in-order event-idx', [1, 3], 8, 876_623, 20),
];
