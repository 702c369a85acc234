import type { PciResourceType } from '@dxelab/uefi';

/** The smallest alignment of memory: a page, so that two functions never share one. */
const PAGE = 0x1000;
const MEMORY_TYPE_32 = 0;
const MEMORY_TYPE_64 = 2;

/** What a base address register asks for (PCI Local Bus 3.0 §6.2.5.1). */
export interface BarSize {
  readonly type: PciResourceType;
  /** In bytes, or ports; a power of two. */
  readonly length: number;
  /** In bytes; a power of two. */
  readonly alignment: number;
}

/** A base address register of a function. */
export interface PciBar extends BarSize {
  /** The offset of its (first) register. */
  readonly register: number;
  /** Where it was placed; `undefined` before. */
  base: number | undefined;
}

/** Whether the answer of a register says that the next one belongs to it. */
export function isWideBar(answer: number): boolean {
  return (answer & 1) === 0 && ((answer >>> 1) & 3) === MEMORY_TYPE_64;
}

/**
 * What a register that was written all ones tells with its answer. PciEnumeratorSupport.c: PciParseBar.
 * @param upper the answer of the next register, for a 64-bit one
 * @returns `undefined` if there is no register, or its answer makes no sense
 */
export function decodeBar(answer: number, upper: number): BarSize | undefined {
  if (answer === 0) return undefined;
  if ((answer & 1) !== 0) return decodeIo(answer);
  const prefetchable = (answer & 8) !== 0;
  const bits = answer & ~15;
  switch ((answer >>> 1) & 3) {
    case MEMORY_TYPE_32:
      return memory(prefetchable ? 'pmem32' : 'mem32', sizeBelow4G(bits));
    case MEMORY_TYPE_64:
      // An upper register that answers nothing holds no address bits: the range is below 4 GiB.
      return memory(
        prefetchable ? 'pmem64' : 'mem64',
        upper === 0 ? sizeBelow4G(bits) : sizeOf(bits, upper),
      );
    default:
      return undefined;
  }
}

function decodeIo(answer: number): BarSize | undefined {
  const bits = answer & ~3;
  // A function with 16 address lines for I/O answers 0 in the upper half.
  const narrow = bits !== 0 && (bits & 0xffff0000) === 0;
  const length = sizeBelow4G(narrow ? bits | 0xffff0000 : bits);
  return length === undefined ? undefined : { type: 'io', length, alignment: length };
}

function memory(type: PciResourceType, length: number | undefined): BarSize | undefined {
  return length === undefined ? undefined : { type, length, alignment: Math.max(length, PAGE) };
}

function sizeBelow4G(bits: number): number | undefined {
  return bits === 0 ? undefined : sizeOf(bits, 0xffffffff);
}

/** The size whose address bits are those set; `undefined` unless they are the uppermost ones. */
function sizeOf(lower: number, upper: number): number | undefined {
  const mask = (BigInt(upper >>> 0) << 32n) | BigInt(lower >>> 0);
  const size = BigInt.asUintN(64, -mask);
  return size !== 0n && (size & (size - 1n)) === 0n ? Number(size) : undefined;
}
