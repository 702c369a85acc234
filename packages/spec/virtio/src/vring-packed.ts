/** Bytes of a descriptor: address u64, length u32, buffer id u16, flags u16 (virtio §2.8.13). */
export const VIRTQ_PACKED_DESC_SIZE = 16;
export const VIRTQ_PACKED_DESC = { address: 0, length: 8, id: 12, flags: 14 } as const;

/** Flags of a descriptor beside NEXT, WRITE and INDIRECT (virtio §2.8.1). */
export const VIRTQ_DESC_F_AVAIL: number = 1 << 7;
export const VIRTQ_DESC_F_USED: number = 1 << 15;

/** Bytes of an event suppression structure: descriptor u16, flags u16 (virtio §2.8.14). */
export const VIRTQ_EVENT_SUPPRESS_SIZE = 4;
export const VIRTQ_EVENT_SUPPRESS = { descriptor: 0, flags: 2 } as const;
/** Where in `descriptor` the wrap counter stands; the offset is below it. */
export const VIRTQ_EVENT_SUPPRESS_WRAP: number = 1 << 15;

/** Values of the event suppression flags (virtio §2.8.10). */
export const VIRTQ_EVENT_F_ENABLE = 0;
export const VIRTQ_EVENT_F_DISABLE = 1;
/** For one descriptor; only with VIRTIO_F_EVENT_IDX. */
export const VIRTQ_EVENT_F_DESC = 2;

/** The most descriptors of a packed virtqueue, which need not be a power of two (virtio §2.8.10.1). */
export const VIRTQ_PACKED_MAX_SIZE = 32768;
