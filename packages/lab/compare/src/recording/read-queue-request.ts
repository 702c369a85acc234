import type { GuestRam } from '@dxelab/platform';
import { VIRTIO_SCSI_REQUEST_QUEUE } from '@dxelab/virtio';
import { PlainRequest } from './plain-request.ts';
import type { QueueRequest } from './queue-request.ts';
import type { Segment } from './ring.ts';
import { readScsiRequest } from './scsi-request.ts';

/** Whose request it is. */
export interface RequestOrigin {
  /** As its log calls it: `virtio-scsi 02.0`. */
  readonly device: string;
  readonly queue: number;
}

/** Reads a request by its type of device; one that nobody understands is descriptors and bytes. */
export function readQueueRequest(
  ram: GuestRam,
  { device, queue }: RequestOrigin,
  segments: readonly Segment[],
): QueueRequest {
  const isScsi = device.startsWith('virtio-scsi ') && queue >= VIRTIO_SCSI_REQUEST_QUEUE;
  const scsi = isScsi ? readScsiRequest(ram, segments) : undefined;
  return scsi ?? new PlainRequest(ram, segments);
}
