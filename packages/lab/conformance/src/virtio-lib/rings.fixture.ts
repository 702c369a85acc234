import type { Profile } from '@dxelab/uefi-lib';
import type { RingOptions } from '@dxelab/virtio-devices';
import type { VirtioRingOptions } from '@dxelab/virtio-lib';
import { VIRTIO_RING_FEATURES } from '@dxelab/virtio-lib';

/** What a device offers, where the transport can carry it; the driver wants all that there is. */
export const RINGS: readonly (readonly [string, RingOptions])[] = [
  ['split', { indirect: false, eventIdx: false, reset: false }],
  ['split, indirect, event indices', {}],
  ['split, in order', { inOrder: true, notificationData: true }],
  ['packed', { packed: true, indirect: false, eventIdx: false }],
  ['packed, indirect, event indices', { packed: true }],
  ['packed, in order, notification data', { packed: true, inOrder: true, notificationData: true }],
];

/** Of a transport by its name: whether it has no features above bit 31. */
export function isLegacy(name: string): boolean {
  return name === 'PCI legacy' || name === 'MMIO version 1';
}

/** What a driver asks for on a transport, by its name: everything, on small queues where that can be said. */
export function ringOn(name: string, profile: Profile): VirtioRingOptions {
  const wants = VIRTIO_RING_FEATURES;
  // QUIRK: neither OVMF's transports nor a legacy device know another size than the device's
  return profile === 'edk2' || name === 'PCI legacy' ? { wants } : { wants, queueSize: 16 };
}
