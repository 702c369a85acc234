import { PlatformFault } from '@dxelab/platform';
import { QemuError } from '../qemu-error.ts';
import type { QemuMachineType } from './machine-type.ts';

const PAGE = 0x1000;
const MIB = 0x10_0000;
const GIB = 0x4000_0000;
/** Where RAM below 4 GiB ends at most, in GiB. QEMU is told for those machines that it can be told. */
const LOW_LIMIT: Readonly<Record<QemuMachineType, number>> = { pc: 2, q35: 2, microvm: 3 };
const HIGH_BASE = 4 * GIB;
/** VGA, option ROMs and the BIOS's shadow: RAM that the CPU does not see. */
const HOLE = { base: 0xa_0000, end: MIB };

/** A range of guest RAM, and where it stands in QEMU's memory backend. */
export interface RamPiece {
  readonly base: number;
  /** Exclusive. */
  readonly end: number;
  /** What to add to an address to get its place in the backend. */
  readonly toBackend: number;
}

/**
 * The RAM that a PC of this size shows to its CPU, ascending.
 * @param memory in bytes
 * @throws QemuError `refused` unless it is whole pages, more than 1 MiB of them
 */
export function layOutRam(machine: QemuMachineType, memory: number): readonly RamPiece[] {
  if (!Number.isSafeInteger(memory) || memory % PAGE !== 0 || memory <= HOLE.end) {
    throw new QemuError(
      'refused',
      `RAM is whole pages of 4 KiB and more than 1 MiB, not ${memory} bytes`,
    );
  }
  const low = Math.min(memory, LOW_LIMIT[machine] * GIB);
  const pieces: RamPiece[] = [
    { base: 0, end: HOLE.base, toBackend: 0 },
    { base: HOLE.end, end: low, toBackend: 0 },
  ];
  if (memory > low) {
    pieces.push({ base: HIGH_BASE, end: HIGH_BASE + memory - low, toBackend: low - HIGH_BASE });
  }
  return pieces;
}

/** Finds the piece that holds an access. @throws PlatformFault if none holds all of it */
export function pieceOf(pieces: readonly RamPiece[], address: number, length: number): RamPiece {
  for (const piece of pieces) {
    if (address >= piece.base && address + length <= piece.end) return piece;
  }
  const ram = pieces.map(({ base, end }) => `0x${base.toString(16)}-0x${end.toString(16)}`);
  throw new PlatformFault(
    `${length} bytes at 0x${address.toString(16)} are not in RAM (${ram.join(', ')})`,
  );
}
