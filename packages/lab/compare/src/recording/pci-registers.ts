/** What of a function's configuration space is an address, and so the firmware's own choice. */
export type ConfigRole = 'bar' | 'pointer' | undefined;

/** A register of configuration space as a comparison calls it. */
export interface ConfigPlace {
  /** `pci.command`, `pci.common+0x04`. */
  readonly name: string;
  readonly role: ConfigRole;
}

/** Where a capability begins, and what it is called. */
export interface NamedCapability {
  readonly offset: number;
  readonly name: string;
}

/** The header of type 0 (PCI Local Bus 3.0 §6.1). */
const HEADER: Readonly<Record<number, string>> = {
  0x00: 'vendorId',
  0x02: 'deviceId',
  0x04: 'command',
  0x06: 'status',
  0x08: 'revisionId',
  0x09: 'classCode',
  0x0c: 'cacheLineSize',
  0x0d: 'latencyTimer',
  0x0e: 'headerType',
  0x0f: 'bist',
  0x10: 'bar0',
  0x14: 'bar1',
  0x18: 'bar2',
  0x1c: 'bar3',
  0x20: 'bar4',
  0x24: 'bar5',
  0x28: 'cardbusCis',
  0x2c: 'subsystemVendorId',
  0x2e: 'subsystemId',
  0x30: 'expansionRom',
  0x34: 'capabilities',
  0x3c: 'interruptLine',
  0x3d: 'interruptPin',
  0x3e: 'minGnt',
  0x3f: 'maxLat',
};

const HEADER_SIZE = 0x40;

/** What is at an offset of configuration space. @param capabilities of the function, in any order */
export function configAt(offset: number, capabilities: readonly NamedCapability[]): ConfigPlace {
  if (offset < HEADER_SIZE) {
    const field = HEADER[offset] ?? `+0x${offset.toString(16).padStart(2, '0')}`;
    return { name: `pci.${field}`, role: headerRole(field) };
  }
  const [capability] = capabilities
    .filter((candidate) => candidate.offset <= offset)
    .toSorted((left, right) => right.offset - left.offset);
  if (capability === undefined) return { name: `pci.+0x${offset.toString(16)}`, role: undefined };
  const within = offset - capability.offset;
  return {
    name: within === 0 ? `pci.${capability.name}` : `pci.${capability.name}+0x${hex(within)}`,
    role: within === 0 ? 'pointer' : undefined,
  };
}

function headerRole(field: string): ConfigRole {
  if (field.startsWith('bar') || field === 'expansionRom') return 'bar';
  return field === 'capabilities' ? 'pointer' : undefined;
}

function hex(offset: number): string {
  return offset.toString(16).padStart(2, '0');
}
