import {
  fdtCells,
  fdtNode,
  fdtPathText,
  fdtPaths,
  fdtStrings,
  isFdtCompatible,
  nodeOf,
  readFdt,
  readFdtReg,
  writeFdt,
} from './index.ts';

/** The tree of a machine with one virtio device on MMIO. */
export const bytes: Uint8Array = writeFdt({
  reservations: [],
  bootCpu: 0,
  root: fdtNode('', { '#address-cells': fdtCells(2), '#size-cells': fdtCells(2) }, [
    fdtNode('virtio_mmio@a003e00', {
      compatible: fdtStrings('virtio,mmio'),
      reg: fdtCells(0, 0x0a003e00, 0, 0x200),
    }),
  ]),
});

/** What a firmware makes of it: ["/virtio_mmio@a003e00 at 0xa003e00"] */
export const found: string[] = [];
const { value: tree, problem } = readFdt(bytes);
if (tree === undefined) throw new TypeError(problem);
for (const path of fdtPaths(tree.root)) {
  if (!isFdtCompatible(nodeOf(path), 'virtio,mmio')) continue;
  const [range] = readFdtReg(path).value ?? [];
  found.push(`${fdtPathText(path)} at 0x${range?.address.toString(16)}`);
}
