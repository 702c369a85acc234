import type { Reading } from '@dxelab/uefi';
import { broken, sound } from '@dxelab/uefi';
import type { FdtNode } from './device-tree.ts';
import type { FdtPath } from './nodes.ts';
import { nodeOf } from './nodes.ts';
import { readFdtCell, readFdtNumber } from './property-values.ts';

/** Registers of a device, as the CPU reaches them. */
export interface FdtRange {
  readonly address: bigint;
  /** In bytes. */
  readonly size: bigint;
}

/** What a node's children count in unless it says so (Devicetree Specification §2.3.5). */
const DEFAULT_ADDRESS_CELLS = 2;
const DEFAULT_SIZE_CELLS = 1;
/** Cells of a number that fits 64 bits; PCI has three, and what those mean PCI says. */
const MAX_CELLS = 2;

/**
 * The `reg` of a node (§2.3.6), each range translated through the buses above it by their `ranges`
 * (§2.3.8) to what the CPU sees.
 */
export function readFdtReg(path: FdtPath): Reading<readonly FdtRange[]> {
  const reg = nodeOf(path).properties.get('reg');
  if (reg === undefined) return broken('there is no reg');
  const buses = path.slice(0, -1);
  const { value: cells, problem } = cellsOf(buses.at(-1));
  if (cells === undefined) return broken(problem);
  const entry = cells.address + cells.size;
  if (reg.length === 0 || reg.length % (entry * 4) !== 0) {
    return broken(`reg has ${reg.length} bytes: expected entries of ${entry * 4}`);
  }
  const ranges: FdtRange[] = [];
  for (let at = 0; at < reg.length / 4; at += entry) {
    const size = readFdtNumber(reg, at + cells.address, cells.size);
    const address = translate(readFdtNumber(reg, at, cells.address), size, buses);
    if (address.value === undefined) return broken(address.problem);
    ranges.push({ address: address.value, size });
  }
  return sound(ranges);
}

/** In how many cells the children of a node have their addresses and sizes. */
function cellsOf(bus: FdtNode | undefined): Reading<{ address: number; size: number }> {
  const count = (name: string, otherwise: number): number => {
    const value = bus?.properties.get(name);
    return value === undefined ? otherwise : (readFdtCell(value) ?? Infinity);
  };
  const address = count('#address-cells', DEFAULT_ADDRESS_CELLS);
  const size = count('#size-cells', DEFAULT_SIZE_CELLS);
  if (address > 0 && address <= MAX_CELLS && size <= MAX_CELLS) return sound({ address, size });
  return broken(`addresses of 1 or 2 cells and sizes of up to 2, not ${address} and ${size}`);
}

/** An address on the last of `buses`, as the CPU sees it at the first of them, the root. */
function translate(address: bigint, size: bigint, buses: readonly FdtNode[]): Reading<bigint> {
  let translated = address;
  for (let depth = buses.length - 1; depth > 0; depth -= 1) {
    const step = translateOnce(translated, size, buses[depth], buses[depth - 1]);
    if (step.value === undefined) return step;
    translated = step.value;
  }
  return sound(translated);
}

/** From the addresses below a bus to those that the bus itself has on the bus above. */
function translateOnce(
  address: bigint,
  size: bigint,
  bus: FdtNode | undefined,
  above: FdtNode | undefined,
): Reading<bigint> {
  const ranges = bus?.properties.get('ranges');
  if (ranges === undefined) return broken(`"${bus?.name}" has no ranges: the CPU reaches nothing`);
  if (ranges.length === 0) return sound(address);
  const child = cellsOf(bus);
  const parent = cellsOf(above);
  if (child.value === undefined) return broken(child.problem);
  if (parent.value === undefined) return broken(parent.problem);
  const entry = child.value.address + parent.value.address + child.value.size;
  if (ranges.length % (entry * 4) !== 0) {
    return broken(`ranges has ${ranges.length} bytes: expected entries of ${entry * 4}`);
  }
  for (let at = 0; at < ranges.length / 4; at += entry) {
    const childBase = readFdtNumber(ranges, at, child.value.address);
    const parentBase = readFdtNumber(ranges, at + child.value.address, parent.value.address);
    const length = readFdtNumber(ranges, at + entry - child.value.size, child.value.size);
    if (address >= childBase && address + size <= childBase + length) {
      return sound(address - childBase + parentBase);
    }
  }
  return broken(`0x${address.toString(16)} is in none of the ranges of "${bus?.name}"`);
}
