import type { PhysicalAddress } from '@dxelab/uefi';

/** Bytes of a descriptor (virtio §2.7.5) and of a used element (§2.7.8). */
export const VRING_DESC_SIZE = 16;
export const VRING_USED_ELEM_SIZE = 8;

/**
 * A split virtqueue in guest memory as VirtioRingInit lays it out: host addresses of its parts. EDK II's
 * VRING (OvmfPkg/Include/IndustryStandard/Virtio095.h); virtio §2.7.
 */
export interface VRing {
  readonly numPages: number;
  readonly base: PhysicalAddress;
  /** The number of descriptors. */
  readonly queueSize: number;
  readonly desc: PhysicalAddress;
  /** Flags; the index is at +2, the ring at +4, used_event after it. */
  readonly avail: PhysicalAddress;
  /** Flags; the index is at +2, the elements at +4, avail_event after them. */
  readonly used: PhysicalAddress;
}
