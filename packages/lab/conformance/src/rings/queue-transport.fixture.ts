import type { HostBuffer } from '@dxelab/uefi';
import { isGuestBuffer } from '@dxelab/uefi';
import type {
  VirtioDevice,
  VirtioMapping,
  VirtioQueueAccess,
  VirtqueueAreas,
  VRing,
} from '@dxelab/virtio';
import { VIRTIO_SPEC_REVISION_1_0_0 } from '@dxelab/virtio';
import { VIRTIO_RING_FEATURES } from '@dxelab/virtio-lib';
import { QUEUE_BASE } from './layout.fixture.ts';

/** A transport that carries a notification, and nothing else once the queue is set up. */
export class QueueTransport implements VirtioDevice, VirtioQueueAccess {
  readonly revision: number = VIRTIO_SPEC_REVISION_1_0_0;
  readonly subSystemDeviceId = 2;
  readonly ringFeatures: bigint = VIRTIO_RING_FEATURES;
  areas: VirtqueueAreas = { descriptor: 0, driver: 0, device: 0 };
  private readonly queueSize: number;
  private readonly onNotify: () => void;

  constructor(queueSize: number, onNotify: () => void) {
    this.queueSize = queueSize;
    this.onNotify = onNotify;
  }

  getDeviceFeatures(): bigint {
    return 0n;
  }

  setGuestFeatures(): void {}

  setQueueAddress({ desc, avail, used }: VRing, ringBaseShift: number): void {
    this.areas = {
      descriptor: desc + ringBaseShift,
      driver: avail + ringBaseShift,
      device: used + ringBaseShift,
    };
  }

  setQueueAreas(areas: VirtqueueAreas): void {
    this.areas = { ...areas };
  }

  setQueueSel(): void {}

  setQueueNotify(): void {
    this.onNotify();
  }

  setQueueNotifyData(): void {
    this.onNotify();
  }

  resetQueue(): void {}

  getConfigGeneration(): number {
    return 0;
  }

  setQueueAlign(): void {}

  setPageSize(): void {}

  getQueueNumMax(): number {
    return this.queueSize;
  }

  setQueueNum(): void {}

  getDeviceStatus(): number {
    return 0;
  }

  setDeviceStatus(): void {}

  writeDevice(): void {}

  readDevice(): number {
    return 0;
  }

  readDevice64(): bigint {
    return 0n;
  }

  allocateSharedPages(): number {
    return QUEUE_BASE;
  }

  freeSharedPages(): void {}

  mapSharedBuffer(_operation: string, host: HostBuffer, numberOfBytes: number): VirtioMapping {
    const deviceAddress: number = isGuestBuffer(host) ? host.address : 0;
    return { deviceAddress, numberOfBytes };
  }

  unmapSharedBuffer(): void {}
}
