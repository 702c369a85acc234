import type { EfiBootServices, EfiTpl } from '@dxelab/uefi';
import { TPL_CALLBACK } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import type { VolumeLock } from '../volume/volume-lock.ts';

/**
 * FatFsLock: one for all volumes of the driver, at TPL_CALLBACK. Start and Stop may find it taken: a disk
 * that notices a new medium in the middle of a read has its drivers stopped and started there and then.
 */
export class FatLock implements VolumeLock {
  readonly #bs: EfiBootServices;
  readonly #debug: DebugLib;
  #heldFrom: EfiTpl | undefined;

  constructor(bs: EfiBootServices, debug: DebugLib) {
    this.#bs = bs;
    this.#debug = debug;
  }

  acquire(): void {
    this.#debug.assert(this.#heldFrom === undefined, 'the FAT lock is free');
    this.#heldFrom = this.#bs.raiseTpl(TPL_CALLBACK);
  }

  release(): void {
    const oldTpl = this.#heldFrom;
    if (oldTpl === undefined) return;
    this.#heldFrom = undefined;
    this.#bs.restoreTpl(oldTpl);
  }

  /** Runs `body` with the lock, be it this caller's or one's further up. */
  during<Result>(body: () => Result): Result {
    if (this.#heldFrom !== undefined) return body();
    this.acquire();
    try {
      return body();
    } finally {
      this.release();
    }
  }
}
