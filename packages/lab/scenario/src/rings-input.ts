/** The drivers that can have other rings than OVMF's. */
export const RING_DRIVERS = ['VirtioBlkDxe', 'VirtioScsiDxe', 'VirtioRngDxe'] as const;

export type RingDriverName = (typeof RING_DRIVERS)[number];

export type DriverRingsInput = {
  readonly [Name in RingDriverName]?: 'all' | DriverRingInput | undefined;
};

/** What a driver asks its rings to be like (virtio §6). Default of each: no. */
export interface DriverRingInput {
  /** VIRTIO_F_INDIRECT_DESC */
  readonly indirect?: boolean | undefined;
  /** VIRTIO_F_EVENT_IDX */
  readonly eventIdx?: boolean | undefined;
  /** VIRTIO_F_RING_PACKED; this and those below only on modern PCI and MMIO 2, and not in `edk2`. */
  readonly packed?: boolean | undefined;
  /** VIRTIO_F_IN_ORDER */
  readonly inOrder?: boolean | undefined;
  /** VIRTIO_F_NOTIFICATION_DATA */
  readonly notificationData?: boolean | undefined;
  /** VIRTIO_F_RING_RESET */
  readonly reset?: boolean | undefined;
  /** In descriptors, at most; not on legacy PCI. Default: the device's. */
  readonly queueSize?: number | undefined;
  /** Whether used lengths of a packed ring count without WRITE: QEMU never sets it. Default: no. */
  readonly lengthWithoutWrite?: boolean | undefined;
}
