/** 1 is the legacy transport (virtio §4.2.4), 2 the one of this specification (§4.2.2). */
export type VirtioMmioVersion = 1 | 2;

/** What VendorID reads: "QEMU", as on QEMU. */
export const VENDOR_ID = 0x554d4551;
