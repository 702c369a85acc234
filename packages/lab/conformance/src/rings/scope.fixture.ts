import type { PackedVirtqueue, SplitVirtqueue } from '@dxelab/virtio-devices';
import type { virtioQueueInit } from '@dxelab/virtio-lib';
import type { BothSides } from './interleaving.fixture.ts';
import { VIRTIO_F_INDIRECT_DESC, VIRTIO_F_RING_PACKED } from '@dxelab/virtio';

/** What is explored: one kind of ring, how it is used, and how far. */
export interface Scope {
  readonly features: bigint;
  /** In descriptors. */
  readonly queueSize: number;
  /** How many descriptors a chain may have. */
  readonly lengths: readonly number[];
  /** How many chains are in flight at most. */
  readonly inFlight: number;
  /** How the driver learns of used chains: it looks all the time, or is told, or asks to be told only before it waits. */
  readonly driver: 'polls' | 'waits' | 'toggles';
  /** Whether the driver takes chains back also while it builds another one. */
  readonly looksWhileBuilding: boolean;
  /** Whether the device asks not to be told while it is busy. */
  readonly suppresses: boolean;
  /** Whether the device answers in any order, and several at once. */
  readonly anyOrder: boolean;
  /** Whether sides can overtake each other at each access; otherwise at those to signals. */
  readonly everyAccess: boolean;
  /** Steps from the beginning, at most. */
  readonly depth: number;
}

export function packed({ features }: Scope): boolean {
  return (features & VIRTIO_F_RING_PACKED) !== 0n;
}

/** How many descriptors an indirect table holds; 0: there are no tables. */
export function tableLength({ features, queueSize }: Scope): number {
  return (features & VIRTIO_F_INDIRECT_DESC) === 0n ? 0 : Math.min(2, queueSize);
}

/** The two sides as the explorer wants them. */
export function sidesOf(
  init: typeof virtioQueueInit,
  Split: typeof SplitVirtqueue,
  Packed: typeof PackedVirtqueue,
): BothSides {
  return {
    virtioQueueInit: init,
    makeVirtqueue: (ring, ...parts) => new (ring === 'packed' ? Packed : Split)(...parts),
  };
}
