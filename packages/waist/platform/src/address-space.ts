/**
 * The CPU's accesses to memory-mapped or port I/O, by address: each one is one transaction of that
 * width on the bus. What an access to nothing reads is the machine's property.
 */
export interface AddressSpace {
  read8(address: number): number;
  read16(address: number): number;
  read32(address: number): number;
  read64(address: number): bigint;
  write8(address: number, value: number): void;
  write16(address: number, value: number): void;
  write32(address: number, value: number): void;
  write64(address: number, value: bigint): void;
}
