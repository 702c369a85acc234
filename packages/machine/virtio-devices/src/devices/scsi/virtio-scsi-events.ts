import {
  VIRTIO_SCSI_EVENT,
  VIRTIO_SCSI_EVENT_QUEUE,
  VIRTIO_SCSI_T_EVENTS_MISSED,
  VIRTIO_SCSI_T_NO_EVENT,
} from '@dxelab/virtio';
import type { VirtioDeviceHost } from '../../core/virtio-device-model.ts';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';
import { virtioScsiLun } from './virtio-scsi-address.ts';

/** The event queue: buffers that the driver leaves for what happens (virtio §5.6.6.3). */
export class VirtioScsiEvents {
  host: VirtioDeviceHost | undefined;
  /** What there is room for, the oldest first. */
  #buffers: DescriptorChain[] = [];
  /** Whether something happened for which there was no buffer. */
  #hasMissed = false;

  /** The driver leaves a buffer. */
  accept(chain: DescriptorChain): number | 'pending' {
    const { readableLength, writableLength } = chain;
    if (readableLength > 0 || writableLength < VIRTIO_SCSI_EVENT.size) {
      const message = `a buffer for events of ${readableLength} readable and ${writableLength} writable bytes: ${VIRTIO_SCSI_EVENT.size} writable ones`;
      this.host?.report('5.6.6.3.1', message, { readableLength, writableLength });
    }
    // What is too short is used at once, and so the driver hears of what it has missed.
    if (!this.#hasMissed && writableLength >= VIRTIO_SCSI_EVENT.size) {
      this.#buffers.push(chain);
      return 'pending';
    }
    const canSay = writableLength >= VIRTIO_SCSI_EVENT.lun;
    const event = canSay ? this.#withMissed(VIRTIO_SCSI_T_NO_EVENT) : VIRTIO_SCSI_T_NO_EVENT;
    return chain.writeBytes(0, eventBytes(event, new Uint8Array(8), 0));
  }

  /** Tells the driver what has happened to a logical unit; without a buffer it is lost. */
  send(type: number, target: number, lun: number, reason: number): void {
    const { host } = this;
    host?.trace?.('virtio_scsi_event', { device: host.name, target, lun, event: type, reason });
    const chain = this.#buffers.shift();
    if (chain === undefined || host === undefined) {
      this.#hasMissed = true;
      return;
    }
    const bytes = eventBytes(this.#withMissed(type), virtioScsiLun(target, lun), reason);
    host.later(VIRTIO_SCSI_EVENT_QUEUE, chain, 0, () => chain.writeBytes(0, bytes));
  }

  reset(): void {
    this.#buffers = [];
    this.#hasMissed = false;
  }

  /** An event, with word of others that were lost; it is said once (virtio §5.6.6.3.2). */
  #withMissed(type: number): number {
    if (!this.#hasMissed) return type;
    this.#hasMissed = false;
    return (type | VIRTIO_SCSI_T_EVENTS_MISSED) >>> 0;
  }
}

function eventBytes(event: number, lun: Uint8Array, reason: number): Uint8Array {
  const bytes = new Uint8Array(VIRTIO_SCSI_EVENT.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(VIRTIO_SCSI_EVENT.event, event, true);
  bytes.set(lun, VIRTIO_SCSI_EVENT.lun);
  view.setUint32(VIRTIO_SCSI_EVENT.reason, reason, true);
  return bytes;
}
