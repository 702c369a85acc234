import type { EfiEvent, EfiSystemTable, Guid, MonotonicCounter } from '@dxelab/uefi';
import {
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  EVT_NOTIFY_SIGNAL,
  guid,
  isEfiFailure,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
} from '@dxelab/uefi';

/** The variable that keeps the upper half. MdeModulePkg/Include/Guid/MtcVendor.h. */
export const MTC_VARIABLE_NAME = 'MTC';
export const MTC_VENDOR_GUID: Guid = guid('eb704011-1402-11d3-8e77-00a0c969723b');

const ATTRIBUTES =
  EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;

/**
 * A count of 64 bits that never falls (UEFI §7.5.5): its lower half begins anew with each boot, its
 * upper half, one higher with each boot and each overflow, is in a variable.
 */
export class MonotonicCount implements MonotonicCounter {
  readonly #systemTable: EfiSystemTable;
  readonly #range: number;
  readonly #overflowed: EfiEvent;
  #high: number;
  #low = 0;

  /** @param range after how many counts the lower half overflows: 2^32 */
  constructor(systemTable: EfiSystemTable, range: number) {
    this.#systemTable = systemTable;
    this.#range = range;
    // the level at which variables may be written, whatever that of the caller who counts
    const save = (): void => this.#saveHigh();
    const { bootServices } = systemTable;
    this.#overflowed = bootServices.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, save, null);
    this.#high = this.#readHigh();
    this.#raiseHigh();
    try {
      this.#saveHigh();
    } catch (caught) {
      // a store that cannot be written is no reason not to boot
      if (!isEfiFailure(caught)) throw caught;
    }
  }

  getNextMonotonicCount(): bigint {
    const { bootServices } = this.#systemTable;
    const oldTpl = bootServices.raiseTpl(TPL_HIGH_LEVEL);
    const count = (BigInt(this.#high) << 32n) | BigInt(this.#low);
    this.#low++;
    const overflows = this.#low === this.#range;
    if (overflows) this.#raiseHigh();
    bootServices.restoreTpl(oldTpl);
    if (overflows) bootServices.signalEvent(this.#overflowed);
    return count;
  }

  getNextHighMonotonicCount(): number {
    this.#raiseHigh();
    this.#saveHigh();
    return this.#high;
  }

  #raiseHigh(): void {
    this.#high = (this.#high + 1) >>> 0;
    this.#low = 0;
  }

  #readHigh(): number {
    try {
      const { data } = this.#systemTable.runtimeServices.getVariable(
        MTC_VARIABLE_NAME,
        MTC_VENDOR_GUID,
      );
      if (data.length !== 4) return 0;
      return new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    } catch (caught) {
      // a first boot, or a store that cannot be read: the count begins
      if (isEfiFailure(caught)) return 0;
      throw caught;
    }
  }

  #saveHigh(): void {
    const data = new Uint8Array(4);
    new DataView(data.buffer).setUint32(0, this.#high, true);
    const { runtimeServices } = this.#systemTable;
    runtimeServices.setVariable(MTC_VARIABLE_NAME, MTC_VENDOR_GUID, ATTRIBUTES, data);
  }
}
