/** Virtio device types (virtio §5). */
export const VIRTIO_SUBSYSTEM_BLOCK_DEVICE = 2;
export const VIRTIO_SUBSYSTEM_ENTROPY_SOURCE = 4;
export const VIRTIO_SUBSYSTEM_SCSI_HOST = 8;

/** Device status bits (virtio §2.1). */
export const VSTAT_ACK = 0x01;
export const VSTAT_DRIVER = 0x02;
export const VSTAT_DRIVER_OK = 0x04;
export const VSTAT_FEATURES_OK = 0x08;
export const VSTAT_NEEDS_RESET = 0x40;
export const VSTAT_FAILED = 0x80;

/** Feature bits that do not belong to a device type (virtio §6). */
export const VIRTIO_F_INDIRECT_DESC: bigint = 1n << 28n;
export const VIRTIO_F_EVENT_IDX: bigint = 1n << 29n;
export const VIRTIO_F_VERSION_1: bigint = 1n << 32n;
export const VIRTIO_F_ACCESS_PLATFORM: bigint = 1n << 33n;
export const VIRTIO_F_RING_PACKED: bigint = 1n << 34n;
export const VIRTIO_F_IN_ORDER: bigint = 1n << 35n;
export const VIRTIO_F_NOTIFICATION_DATA: bigint = 1n << 38n;
export const VIRTIO_F_RING_RESET: bigint = 1n << 40n;

/** Feature bits of the legacy interface alone (virtio §6.3). */
export const VIRTIO_F_NOTIFY_ON_EMPTY: bigint = 1n << 24n;
export const VIRTIO_F_ANY_LAYOUT: bigint = 1n << 27n;

/** Descriptor flags (virtio §2.7.5). */
export const VRING_DESC_F_NEXT = 1;
export const VRING_DESC_F_WRITE = 2;
export const VRING_DESC_F_INDIRECT = 4;

/** Flags of the available and the used ring (virtio §2.7.6, §2.7.8). */
export const VRING_AVAIL_F_NO_INTERRUPT = 1;
export const VRING_USED_F_NO_NOTIFY = 1;

/** The page of a legacy queue, and what OVMF aligns every ring to. */
export const VIRTIO_PAGE_SIZE = 4096;
