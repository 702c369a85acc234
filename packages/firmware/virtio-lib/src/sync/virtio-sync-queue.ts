import type { DeviceAddress } from '@dxelab/uefi';

/**
 * A queue as synchronous drivers use one: a chain is built, flushed and waited for, one at a time, on
 * whatever ring there is below. The three calls are those of OVMF's drivers.
 */
export interface VirtioSyncQueue {
  /** In descriptors. */
  readonly queueSize: number;
  /** Which promise the device broke, or in what it did not come back: only a reset mends the queue then. */
  readonly broken: string | undefined;
  /** VirtioPrepare. @param descriptors how many the chain will have */
  prepare(descriptors: number): void;
  /**
   * VirtioAppendDesc
   * @param length in bytes
   * @param flags VRING_DESC_F_NEXT if more follow, VRING_DESC_F_WRITE if the device writes
   */
  append(address: DeviceAddress, length: number, flags: number): void;
  /**
   * VirtioFlush
   * @param timeout in microseconds; 0: for ever
   * @param slack by how many bytes the used length may exceed what is writable
   * @returns how many bytes the device says it wrote
   * @throws as `virtioFlush`
   */
  flush(timeout: number, slack: number): number;
  /** Waits for the same chain once more, after EFI_TIMEOUT. @throws as `virtioAwait` */
  await(timeout: number): number;
}
