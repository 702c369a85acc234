import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_RING_PACKED,
} from '@dxelab/virtio';
import { afterAll, describe, expect, test } from 'vitest';
import type { PlantedBug } from './planted-bug.fixture.ts';
import { plant, removePlanted } from './planted-bug.fixture.ts';
import type { Scope } from './small-scope.fixture.ts';
import { explore } from './small-scope.fixture.ts';
import { virtioQueueInit } from './virtio-queue-init.ts';

const FENCE = '    this.libraries.memoryFence();\n';

/** Mistakes that reviews, bug trackers and the specification's own drafts knew. */
const BUGS: readonly PlantedBug[] = [
  {
    what: 'packed: the wrap of available descriptors compared with > (the review of 2018)',
    file: 'packed-queue',
    from: 'if (this.cursor >= this.queueSize)',
    to: 'if (this.cursor > this.queueSize)',
  },
  {
    what: 'packed: the wrap of used descriptors compared with >',
    file: 'packed-queue',
    from: 'if (this.usedAt >= this.queueSize)',
    to: 'if (this.usedAt > this.queueSize)',
  },
  {
    what: 'packed: the wrap counter is not changed',
    file: 'packed-queue',
    from: 'this.cursorWrap = flip(this.cursorWrap);',
    to: '',
  },
  {
    what: 'packed: the head is available before the rest of the list',
    file: 'packed-queue',
    from: 'this.headFlags = marked;',
    to: 'this.headFlags = marked; ram.writeUint16(desc + VIRTQ_PACKED_DESC.flags, marked);',
  },
  {
    what: 'packed: the id is in the first descriptor alone',
    file: 'packed-queue',
    from: 'const id = this.chain.slot;',
    to: 'const id = cursor === this.availAt ? this.chain.slot : 0;',
  },
  {
    what: 'packed: no barrier before the head',
    file: 'packed-queue',
    from: `${FENCE}    ram.writeUint16(head`,
    to: '    ram.writeUint16(head',
  },
  {
    what: 'packed: one descriptor is skipped for a list',
    file: 'packed-queue',
    from: 'this.usedAt += descriptors;',
    to: 'this.usedAt += 1;',
  },
  {
    what: 'packed: no full barrier between the head and the look at the event',
    file: 'packed-queue',
    from: `${FENCE}    this.added = 0;`,
    to: '    this.added = 0;',
  },
  {
    what: 'split: no barrier before the index',
    file: 'split-queue',
    from: `${FENCE}    this.availIndex =`,
    to: '    this.availIndex =',
  },
  {
    what: 'split: no full barrier between the index and the look at the event',
    file: 'split-queue',
    from: `${FENCE}    this.added = 0;`,
    to: '    this.added = 0;',
  },
  {
    what: 'split: the event is off by one',
    file: 'need-event',
    from: '(next - event - 1)',
    to: '(next - event)',
  },
  {
    what: 'split: only the last of several chains is asked for',
    file: 'split-queue',
    from: 'this.added += 1;',
    to: 'this.added = 1;',
  },
  {
    what: 'in order: the oldest chain stays the oldest',
    file: 'chain-book',
    from: 'this.first = this.after(this.first);',
    to: '',
  },
];

const RINGS = [0n, VIRTIO_F_RING_PACKED].flatMap((packed) =>
  [0n, VIRTIO_F_IN_ORDER].flatMap((order) =>
    [0n, VIRTIO_F_EVENT_IDX, VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC].map(
      (others) => packed | order | others,
    ),
  ),
);

/** Chains of all lengths that the ring has room for, enough of them for two laps and more. */
function chainsFor(queueSize: number): readonly number[] {
  if (queueSize === 1) return [1, 1, 1, 1];
  return queueSize === 2 ? [2, 1, 1, 2] : [2, 1, 2, 1];
}

function scopes(queueSize: number, depth = 400): readonly Scope[] {
  return RINGS.flatMap((features) =>
    [false, true].map((interrupts) => ({
      features,
      queueSize,
      chains: chainsFor(queueSize),
      interrupts,
      depth,
    })),
  );
}

describe('every order in which driver and device can do their steps', () => {
  test.each([
    [1, 4144],
    [2, 11_337],
    [3, 4844],
  ])('queues of %d: %d states', { timeout: 120_000 }, (queueSize, known) => {
    let states = 0;
    const split = (features: bigint): boolean => (features & VIRTIO_F_RING_PACKED) === 0n;
    for (const scope of scopes(queueSize)) {
      // a split ring has a power of two
      if (split(scope.features) && (queueSize & (queueSize - 1)) !== 0) continue;
      const explored = explore(virtioQueueInit, scope);
      expect([scope.features.toString(16), explored.violation]).toEqual([
        scope.features.toString(16),
        undefined,
      ]);
      states += explored.states;
    }
    expect(states).toBe(known);
  });
});

describe('finds what is planted', () => {
  afterAll(removePlanted);

  test.each(BUGS.map((bug, number) => ({ ...bug, number })))(
    '$what',
    { timeout: 60_000 },
    async (bug) => {
      const planted = await plant(bug, bug.number);
      const finding = scopes(2).find(
        (scope) => explore(planted.virtioQueueInit, scope).violation !== undefined,
      );
      expect(finding).toBeDefined();
    },
  );
});
