/** What MagicValue reads: "virt", as the four bytes that it is in memory (virtio §4.2.2). */
export const VIRTIO_MMIO_MAGIC = 0x74726976;

/** What Version reads: of a legacy device (virtio §4.2.4), and of a modern one (§4.2.2). */
export const VIRTIO_MMIO_VERSION_LEGACY = 1;
export const VIRTIO_MMIO_VERSION_1_0 = 2;

/** Offsets of the registers, each 32 bits wide (virtio §4.2.2, Table 4.1). */
export const VIRTIO_MMIO = {
  magicValue: 0x000,
  version: 0x004,
  deviceId: 0x008,
  vendorId: 0x00c,
  deviceFeatures: 0x010,
  deviceFeaturesSel: 0x014,
  driverFeatures: 0x020,
  driverFeaturesSel: 0x024,
  queueSel: 0x030,
  queueSizeMax: 0x034,
  queueSize: 0x038,
  queueReady: 0x044,
  queueNotify: 0x050,
  interruptStatus: 0x060,
  interruptAck: 0x064,
  status: 0x070,
  queueDescLow: 0x080,
  queueDescHigh: 0x084,
  queueDriverLow: 0x090,
  queueDriverHigh: 0x094,
  queueDeviceLow: 0x0a0,
  queueDeviceHigh: 0x0a4,
  shmSel: 0x0ac,
  shmLenLow: 0x0b0,
  shmLenHigh: 0x0b4,
  shmBaseLow: 0x0b8,
  shmBaseHigh: 0x0bc,
  queueReset: 0x0c0,
  configGeneration: 0x0fc,
} as const;

/** Offsets of the registers that only a legacy device has (virtio §4.2.4, Table 4.2). */
export const VIRTIO_MMIO_LEGACY = {
  /** Write only, in bytes: what QueuePFN counts in. */
  guestPageSize: 0x028,
  queueAlign: 0x03c,
  queuePfn: 0x040,
} as const;

/** Where the device-specific configuration begins; the registers before it are 256 bytes. */
export const VIRTIO_MMIO_CONFIG = 0x100;

/** Bits of InterruptStatus and InterruptACK (virtio §4.2.2). */
export const VIRTIO_MMIO_INT_VRING = 1;
export const VIRTIO_MMIO_INT_CONFIG = 2;
