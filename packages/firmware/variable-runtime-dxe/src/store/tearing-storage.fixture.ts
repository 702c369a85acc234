import { MemoryStorage } from '../storage/memory-storage.ts';

/** The machine went off while a write was under way. */
export class Kill extends Error {}

/** A storage that lets so many bytes through and then is killed, in the middle of a write if it comes so. */
export class TearingStorage extends MemoryStorage {
  /** What was written, in order. */
  readonly log: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  /** How many more may be written. */
  budget = Infinity;

  override write(offset: number, bytes: Uint8Array): void {
    const passes = Math.min(bytes.length, this.budget);
    super.write(offset, bytes.subarray(0, passes));
    this.log.push({ offset, bytes: bytes.slice(0, passes) });
    this.budget -= passes;
    if (passes < bytes.length) throw new Kill('the machine is off');
  }
}
