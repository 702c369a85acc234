import type { Reading } from '@dxelab/uefi';
import { broken, sound } from '@dxelab/uefi';
import type { DeviceTree, FdtNode, FdtReservation } from './device-tree.ts';
import type { FdtBlock } from './fdt-header.ts';
import { readFdtHeader } from './fdt-header.ts';
import { FDT_RESERVATION_SIZE } from './format.ts';
import { readStructure } from './read-structure.ts';

/**
 * Reads a flattened device tree (Devicetree Specification §5). Whatever the bytes are, it comes to an
 * end: with a tree, or with what is wrong.
 * @param bytes the tree, and whatever stands behind it. The values of the properties are views of it.
 */
export function readFdt(bytes: Uint8Array): Reading<DeviceTree> {
  const { value: header, problem } = readFdtHeader(bytes);
  if (header === undefined) return broken(problem);
  if (header.totalSize > bytes.length) {
    return broken(`the tree has ${header.totalSize} bytes, and only ${bytes.length} are there`);
  }
  const reservations = readReservations(bytes, header.reservations);
  if (reservations.value === undefined) return broken(reservations.problem);
  const root: Reading<FdtNode> = readStructure(bytes, header.structure, header.strings);
  if (root.value === undefined) return broken(root.problem);
  return sound({
    reservations: reservations.value,
    bootCpu: header.bootCpu,
    root: root.value,
  });
}

/** The memory reservation block (§5.3): it ends with an entry of zeros. */
function readReservations(
  bytes: Uint8Array,
  { start, end }: FdtBlock,
): Reading<readonly FdtReservation[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const reservations: FdtReservation[] = [];
  for (let at = start; at + FDT_RESERVATION_SIZE <= end; at += FDT_RESERVATION_SIZE) {
    const [address, size] = [view.getBigUint64(at), view.getBigUint64(at + 8)];
    if (address === 0n && size === 0n) return sound(reservations);
    reservations.push({ address, size });
  }
  return broken('the memory reservation block has no last entry');
}
