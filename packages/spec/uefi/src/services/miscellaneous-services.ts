import type { Guid } from '../guid.ts';

/** Miscellaneous boot services (UEFI §7.5). */
export interface EfiMiscellaneousServices {
  /** @param microseconds of busy waiting; events above the current TPL run meanwhile */
  stall(microseconds: number): void;

  /** @param timeout in seconds; 0 disarms. */
  setWatchdogTimer(timeout: number, watchdogCode: bigint, watchdogData?: Uint8Array): void;

  getNextMonotonicCount(): bigint;

  /** Adds, replaces, or, without a table, removes. @throws EFI_NOT_FOUND */
  installConfigurationTable(guid: Guid, table: unknown): void;

  /** The CRC-32 of UEFI §7.5.7 (polynomial 0x04C11DB7, reflected). @throws EFI_INVALID_PARAMETER if empty */
  calculateCrc32(data: Uint8Array): number;
}
