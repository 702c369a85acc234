import type { PhysicalAddress } from '@dxelab/uefi';

/**
 * Memory that belongs to the guest alone, as under AMD SEV or Intel TDX: the CPU reaches all of it, a
 * device only pages that the CPU has shared. A page that is shared, or made private again, loses what was
 * in it. It has registers of 32 bits, of which `address` and `pages` are written before `command`.
 */
export interface PrivateMemoryHob {
  /** Where the registers are. */
  readonly registers: PhysicalAddress;
}

/** Offsets of the registers. They read what was last written, `command` the result. */
export const PRIVATE_MEMORY = {
  /** Of the first page. */
  addressLow: 0x00,
  addressHigh: 0x04,
  /** How many pages of 4 KiB: at least 1, all of them in one range of RAM. */
  pages: 0x08,
  command: 0x0c,
} as const;

/** Commands: pages are shared with devices, or made private again. */
export const PRIVATE_MEMORY_SHARE = 1;
export const PRIVATE_MEMORY_MAKE_PRIVATE = 2;

/** What `command` reads: whether the last one was carried out. */
export const PRIVATE_MEMORY_DONE = 0;
export const PRIVATE_MEMORY_REFUSED = 1;
