import type { FdtNode, FdtPath, FdtRange } from '@dxelab/fdt';
import {
  fdtPathText,
  fdtPaths,
  isFdtCompatible,
  isFdtEnabled,
  nodeOf,
  readFdtNumber,
  readFdtReg,
} from '@dxelab/fdt';
import type { PhysicalAddress, Reading } from '@dxelab/uefi';
import { broken, sound } from '@dxelab/uefi';
import { VIRTIO_MMIO_CONFIG } from '@dxelab/virtio';
import type { VirtioFdtQuirks } from './quirks.ts';

/** A node that says that there are registers of a virtio device. */
export interface FdtTransport {
  /** Of the node: `/virtio_mmio@a003e00`. */
  readonly path: string;
  /** Where the registers are, or why nobody can tell. */
  readonly address: Reading<PhysicalAddress>;
}

/** Every node of a tree that can be used and is compatible with "virtio,mmio" (virtio §4.2.1). */
export function findTransports(root: FdtNode, quirks: VirtioFdtQuirks): readonly FdtTransport[] {
  const claimed: FdtRange[] = [];
  const transports: FdtTransport[] = [];
  for (const path of fdtPaths(root)) {
    const node = nodeOf(path);
    if (!isFdtCompatible(node, 'virtio,mmio') || !isFdtEnabled(node)) continue;
    const address = quirks.regIsBaseAndSize ? baseOf(node) : registersOf(path);
    transports.push({ path: fdtPathText(path), address: claim(address, claimed, quirks) });
  }
  return transports;
}

/** What EDK II takes for the registers: a base of 64 bits, and a size that it does not look at. */
function baseOf({ properties }: FdtNode): Reading<FdtRange> {
  const reg = properties.get('reg');
  if (reg === undefined || reg.length < 8) return broken('there is no reg with an address');
  return sound({ address: readFdtNumber(reg, 0, 2), size: 0n });
}

/** The first range of `reg`, as the CPU reaches it. */
function registersOf(path: FdtPath): Reading<FdtRange> {
  const { value: ranges, problem } = readFdtReg(path);
  const [range] = ranges ?? [];
  if (range === undefined) return broken(problem ?? 'reg is empty');
  const { address, size } = range;
  if (size < VIRTIO_MMIO_CONFIG) {
    return broken(`the registers have ${VIRTIO_MMIO_CONFIG} bytes, and reg has ${size}`);
  }
  if (address % 4n !== 0n) return broken(`registers at 0x${address.toString(16)} are not aligned`);
  return sound(range);
}

/** Notes whose the registers are, since two drivers at the same ones would undo each other's work. */
function claim(
  { value: range, problem }: Reading<FdtRange>,
  claimed: FdtRange[],
  { overlapsUnseen }: VirtioFdtQuirks,
): Reading<PhysicalAddress> {
  if (range === undefined) return broken(problem);
  const { address, size } = range;
  const end = address + size;
  if (end > BigInt(Number.MAX_SAFE_INTEGER)) return broken(`0x${address.toString(16)} is too far`);
  const overlaps = claimed.some(
    (other) => address < other.address + other.size && other.address < end,
  );
  if (overlaps && !overlapsUnseen) {
    return broken(`another device has registers at 0x${address.toString(16)} too`);
  }
  claimed.push(range);
  return sound(Number(address));
}
