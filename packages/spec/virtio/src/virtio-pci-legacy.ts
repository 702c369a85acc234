/**
 * PCI device ids of transitional and legacy devices (virtio §4.1.2.1, §4.1.2.3). The virtio device type
 * is the subsystem id, and the revision is 0.
 */
export const VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST = 0x1000;
export const VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_LAST = 0x103f;

/** The transitional PCI device ids that virtio §4.1.2 assigns, by virtio device type. */
export const VIRTIO_PCI_TRANSITIONAL_DEVICE_IDS: Readonly<Record<number, number>> = {
  1: 0x1000,
  2: 0x1001,
  3: 0x1003,
  4: 0x1005,
  5: 0x1002,
  8: 0x1004,
  9: 0x1009,
};

/** The BAR that holds the legacy registers: I/O space (virtio §4.1.4.10). */
export const VIRTIO_PCI_LEGACY_BAR = 0;

/** Offsets of the legacy registers (virtio §4.1.4.10; EDK II's VIRTIO_OFFSET_*). */
export const VIRTIO_PCI_LEGACY = {
  deviceFeatures: 0x00,
  driverFeatures: 0x04,
  /** The page of the ring: its address divided by 4096. */
  queueAddress: 0x08,
  queueSize: 0x0c,
  queueSelect: 0x0e,
  queueNotify: 0x10,
  deviceStatus: 0x12,
  isrStatus: 0x13,
  /** These two are there only while MSI-X is enabled. */
  configMsixVector: 0x14,
  queueMsixVector: 0x16,
} as const;

/** Where the device-specific configuration begins, without MSI-X and while MSI-X is enabled. */
export const VIRTIO_PCI_LEGACY_CONFIG = 0x14;
export const VIRTIO_PCI_LEGACY_CONFIG_MSIX = 0x18;
