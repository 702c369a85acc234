import { VIRTIO_PCI_LEGACY_CONFIG_MSIX } from '@dxelab/virtio';
import type { TransportLimits } from '../check-model.ts';

/** A BAR of I/O has 256 ports at most. */
const MAX_BAR_SIZE = 0x100;

/** What fits into the BAR, into a 16-bit selector, and into the device ids. */
export const LEGACY_LIMITS: TransportLimits = {
  transport: 'legacy PCI',
  deviceType: 0x3f,
  queues: 0x10000,
  config: MAX_BAR_SIZE - VIRTIO_PCI_LEGACY_CONFIG_MSIX,
};

/** How large the BAR is, in ports: a power of two. */
export function legacyBarSize(configSize: number): number {
  return 2 ** Math.ceil(Math.log2(VIRTIO_PCI_LEGACY_CONFIG_MSIX + configSize));
}
