import type { RamRange } from '@dxelab/platform';
import { MachineSetupError } from './machine-setup-error.ts';

const PAGE = 0x1000;
const GIB = 0x4000_0000;
/** Where RAM below 4 GiB ends at most; above it lie the apertures of devices. */
const LOW_LIMIT = 2 * GIB;
const HIGH_BASE = 4 * GIB;
/** The longest typed array that every Node of ours can make. */
const HIGH_LIMIT = 4 * GIB;

/** How much of `bytes` of RAM lies below 4 GiB: the storage for it can be supplied. */
export function lowMemory(bytes: number): number {
  return Math.min(bytes, LOW_LIMIT);
}

/**
 * Lays out `bytes` of RAM as a q35 does: up to 2 GiB from address 0, the rest from 4 GiB up. Nothing is
 * touched, so that the host commits a page only when the guest first writes it.
 * @param lowStorage the storage of the lower range, such as that of a `WebAssembly.Memory`
 * @throws MachineSetupError if there is too little, too much, or not whole pages
 */
export function layOutMemory(bytes: number, lowStorage?: Uint8Array): RamRange[] {
  if (!Number.isSafeInteger(bytes) || bytes % PAGE !== 0 || bytes < GIB / 1024) {
    throw new MachineSetupError(
      `RAM is whole pages of 4 KiB and at least 1 MiB, not ${bytes} bytes`,
    );
  }
  const low = lowMemory(bytes);
  const high = bytes - low;
  if (high > HIGH_LIMIT) {
    throw new MachineSetupError(`RAM of ${bytes / GIB} GiB: this machine takes at most 6 GiB`);
  }
  if (lowStorage !== undefined && lowStorage.length < low) {
    throw new MachineSetupError(
      `the storage for RAM below 4 GiB holds ${lowStorage.length} bytes, and ${low} are needed`,
    );
  }
  const ranges: RamRange[] = [
    { base: 0, bytes: lowStorage?.subarray(0, low) ?? new Uint8Array(low) },
  ];
  if (high > 0) ranges.push({ base: HIGH_BASE, bytes: new Uint8Array(high) });
  return ranges;
}
