/**
 * What keeps its bytes while the machine is off: a flash, or a file in its place. Writes happen in the
 * order in which they are made; whatever interrupts one leaves its first bytes written, and the others
 * as they were.
 */
export interface NonVolatileStorage {
  /** In bytes; it does not change. */
  readonly size: number;
  /** @throws EFI_DEVICE_ERROR */
  read(offset: number, length: number): Uint8Array;
  /** @throws EFI_DEVICE_ERROR */
  write(offset: number, bytes: Uint8Array): void;
}
