/** PCI identity of virtio devices (virtio §4.1.2). */
export const VIRTIO_VENDOR_ID = 0x1af4;
/** A modern device's PCI device id is this plus the virtio device type. */
export const VIRTIO_PCI_MODERN_DEVICE_ID_BASE = 0x1040;

/** cfg_type of the vendor-specific capabilities (virtio §4.1.4). */
export const VIRTIO_PCI_CAP_COMMON_CFG = 1;
export const VIRTIO_PCI_CAP_NOTIFY_CFG = 2;
export const VIRTIO_PCI_CAP_ISR_CFG = 3;
export const VIRTIO_PCI_CAP_DEVICE_CFG = 4;
export const VIRTIO_PCI_CAP_PCI_CFG = 5;

/** Offsets in struct virtio_pci_cap (virtio §4.1.4). */
export const VIRTIO_PCI_CAP = {
  vndr: 0,
  next: 1,
  len: 2,
  cfgType: 3,
  bar: 4,
  id: 5,
  offset: 8,
  length: 12,
  /** Of the notify capability: notify_off_multiplier; of the PCI-cfg one: pci_cfg_data. */
  extra: 16,
} as const;

/** Offsets in struct virtio_pci_common_cfg (virtio §4.1.4.3). */
export const VIRTIO_PCI_COMMON_CFG = {
  deviceFeatureSelect: 0x00,
  deviceFeature: 0x04,
  driverFeatureSelect: 0x08,
  driverFeature: 0x0c,
  configMsixVector: 0x10,
  numQueues: 0x12,
  deviceStatus: 0x14,
  configGeneration: 0x15,
  queueSelect: 0x16,
  queueSize: 0x18,
  queueMsixVector: 0x1a,
  queueEnable: 0x1c,
  queueNotifyOff: 0x1e,
  queueDesc: 0x20,
  queueDriver: 0x28,
  queueDevice: 0x30,
  queueNotifConfigData: 0x38,
  queueReset: 0x3a,
} as const;

/** What a queue's or the configuration's MSI-X vector reads when it has none. */
export const VIRTIO_MSI_NO_VECTOR = 0xffff;
