/** A range of RAM that no program may use: an entry of the memory reservation block (§5.3). */
export interface FdtReservation {
  readonly address: bigint;
  /** In bytes. */
  readonly size: bigint;
}

/** A node of a device tree (Devicetree Specification §2.2). */
export interface FdtNode {
  /** With the unit address: `virtio_mmio@a003e00`; empty for the root. */
  readonly name: string;
  /** The bytes of each value, by name, in the order of the tree. */
  readonly properties: ReadonlyMap<string, Uint8Array>;
  readonly children: readonly FdtNode[];
}

/** What a flattened device tree holds. */
export interface DeviceTree {
  readonly reservations: readonly FdtReservation[];
  /** The physical id of the CPU that boots (§5.2, `boot_cpuid_phys`). */
  readonly bootCpu: number;
  readonly root: FdtNode;
}

/** A node of a tree that is written down: `fdtNode('memory@0', { device_type: fdtStrings('memory') })`. */
export function fdtNode(
  name: string,
  properties: Readonly<Record<string, Uint8Array>> = {},
  children: readonly FdtNode[] = [],
): FdtNode {
  return { name, properties: new Map(Object.entries(properties)), children };
}
