import { VIRTIO_F_IN_ORDER, VIRTIO_F_RING_PACKED } from '@dxelab/virtio';
import type { Measurement } from '../figure.ts';
import { inFlightLoop } from '../in-flight-disk.ts';
import { compare } from '../measure.ts';

const WANTS = VIRTIO_F_RING_PACKED | VIRTIO_F_IN_ORDER;

/** 32 reads with one used element for all of them, in turn with one for each. */
export function measure(): Measurement {
  const ring = { packed: true, inOrder: true } as const;
  const batched = inFlightLoop(WANTS, { ...ring, completion: 'batch' });
  const each = inFlightLoop(WANTS, { ...ring, completion: 'each' });
  const { rate, baseline, ratio } = compare(batched, each);
  const note = `a used element each: ${Math.round(baseline).toLocaleString('en-US')} reads/s`;
  return { value: rate, unit: 'reads/s', ratio, notes: [note] };
}
