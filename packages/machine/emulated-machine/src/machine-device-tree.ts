import { fdtCells, fdtDoubleCells, fdtNode, fdtStrings, writeFdt } from '@dxelab/fdt';
import type { FdtNode } from '@dxelab/fdt';
import type { RamRange } from '@dxelab/platform';

/** The cells of an address, and of a size, in the root and so in `reg` of its children. */
const CELLS = 2;

/**
 * The flattened device tree of a machine: its RAM, and what cannot be probed.
 * @param nodes children of the root, whose `reg` has two cells each for address and size
 */
export function machineDeviceTree(ram: readonly RamRange[], nodes: readonly FdtNode[]): Uint8Array {
  const memory = ram.map(({ base, bytes }) =>
    fdtNode(`memory@${base.toString(16)}`, {
      device_type: fdtStrings('memory'),
      reg: fdtDoubleCells(BigInt(base), BigInt(bytes.length)),
    }),
  );
  const root = fdtNode(
    '',
    {
      '#address-cells': fdtCells(CELLS),
      '#size-cells': fdtCells(CELLS),
      compatible: fdtStrings('dxelab,emulated-machine'),
      model: fdtStrings('dxelab emulated machine'),
    },
    [...memory, ...nodes],
  );
  return writeFdt({ reservations: [], bootCpu: 0, root });
}
