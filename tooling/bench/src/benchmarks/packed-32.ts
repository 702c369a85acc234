import { VIRTIO_F_RING_PACKED } from '@dxelab/virtio';
import type { Measurement } from '../figure.ts';
import { inFlightLoop } from '../in-flight-disk.ts';
import { compare } from '../measure.ts';

/** Reads of 512 bytes with 32 in flight on a packed ring, in turn with a split one. */
export function measure(): Measurement {
  const packed = inFlightLoop(VIRTIO_F_RING_PACKED, { packed: true });
  const { rate, baseline, ratio } = compare(packed, inFlightLoop(0n, {}));
  const note = `split: ${Math.round(baseline).toLocaleString('en-US')} reads/s`;
  return { value: rate, unit: 'reads/s', ratio, notes: [note] };
}
