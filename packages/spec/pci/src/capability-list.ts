import { EfiError, isEfiFailure } from '@dxelab/uefi';
import {
  EFI_PCI_CAPABILITY_ID_PCIEXP,
  PCI_CAPBILITY_POINTER_OFFSET,
  PCI_CONFIG_SPACE_SIZE,
  PCI_EXPRESS_CONFIG_SPACE_SIZE,
  PCI_HEADER_SIZE,
  PCI_PRIMARY_STATUS_OFFSET,
  PCI_STATUS_CAPABILITY,
} from './configuration.ts';

/**
 * Reads one value of a function's configuration space.
 * @param width 0, 1 or 2 for 8, 16 or 32 bits, as EfiPciIoWidth counts
 */
export type PciConfigReader = (width: 0 | 1 | 2, offset: number) => number;

/** One capability of a function (PCI Local Bus 3.0 §6.7; PCI Express Base 5.0 §7.6). */
export interface PciCapability {
  /** The extended list counts its ids anew: 0x10 there is not the PCI Express capability. */
  readonly domain: 'normal' | 'extended';
  readonly id: number;
  /** Of the capability's header in configuration space. */
  readonly offset: number;
  /** In bytes: up to the next capability by offset, or to the end of the domain. It may be shorter. */
  readonly sizeHint: number;
}

type CapabilityHeader = Omit<PciCapability, 'sizeHint'>;

/**
 * A function's capabilities, in the order of its lists: the normal one and, for PCI Express, the
 * extended one. OvmfPkg/Library/BasePciCapLib: PciCapListInit.
 * @param unchecked takes pointers into the header and an extended space of all ones at their word, as
 *   BasePciCapLib does
 * @throws EFI_DEVICE_ERROR if a list is circular or points where no capability can be
 */
export function readPciCapabilities(
  read: PciConfigReader,
  unchecked = false,
): readonly PciCapability[] {
  const normal = readNormalList(read, unchecked);
  const extended = hasExpress(normal) ? readExtendedList(read, unchecked) : [];
  return [
    ...withSizeHints(normal, PCI_CONFIG_SPACE_SIZE),
    ...withSizeHints(extended, PCI_EXPRESS_CONFIG_SPACE_SIZE),
  ];
}

/**
 * Whether a function is PCI Express, and so has 4096 bytes of configuration space.
 * @throws EFI_DEVICE_ERROR as `readPciCapabilities`
 */
export function isPciExpress(read: PciConfigReader): boolean {
  return hasExpress(readNormalList(read, false));
}

function hasExpress(list: readonly CapabilityHeader[]): boolean {
  return list.some(({ id }) => id === EFI_PCI_CAPABILITY_ID_PCIEXP);
}

function readNormalList(read: PciConfigReader, unchecked: boolean): readonly CapabilityHeader[] {
  const list: CapabilityHeader[] = [];
  if ((read(1, PCI_PRIMARY_STATUS_OFFSET) & PCI_STATUS_CAPABILITY) === 0) return list;
  // The two lowest bits of a pointer are reserved and must be masked off.
  let offset = read(0, PCI_CAPBILITY_POINTER_OFFSET) & 0xfc;
  while (offset !== 0) {
    if (offset < PCI_HEADER_SIZE && !unchecked) throw badPointer(offset, PCI_HEADER_SIZE);
    rejectLoop(list, offset);
    const header = read(1, offset);
    list.push({ domain: 'normal', id: header & 0xff, offset });
    offset = (header >>> 8) & 0xfc;
  }
  return list;
}

function readExtendedList(read: PciConfigReader, unchecked: boolean): readonly CapabilityHeader[] {
  const list: CapabilityHeader[] = [];
  let header = readFirstExtended(read);
  // All ones: nobody decodes the extended space, as behind a conventional bridge.
  if (header === 0 || (header === 0xffffffff && !unchecked)) return list;
  for (let offset = PCI_CONFIG_SPACE_SIZE; ; header = read(2, offset)) {
    rejectLoop(list, offset);
    list.push({ domain: 'extended', id: header & 0xffff, offset });
    offset = (header >>> 20) & 0xffc;
    if (offset === 0) return list;
    if (offset < PCI_CONFIG_SPACE_SIZE) throw badPointer(offset, PCI_CONFIG_SPACE_SIZE);
  }
}

/** A platform without extended configuration space refuses the read: then there is no list. */
function readFirstExtended(read: PciConfigReader): number {
  try {
    return read(2, PCI_CONFIG_SPACE_SIZE);
  } catch (caught) {
    if (isEfiFailure(caught)) return 0;
    throw caught;
  }
}

function withSizeHints(list: readonly CapabilityHeader[], end: number): readonly PciCapability[] {
  return list.map((header) => {
    const followers = list.filter(({ offset }) => offset > header.offset);
    const next = Math.min(end, ...followers.map(({ offset }) => offset));
    return { ...header, sizeHint: next - header.offset };
  });
}

function rejectLoop(list: readonly CapabilityHeader[], offset: number): void {
  if (list.some((capability) => capability.offset === offset)) {
    throw new EfiError(
      'EFI_DEVICE_ERROR',
      `the capability list comes back to 0x${offset.toString(16)}: each capability is expected once`,
    );
  }
}

function badPointer(offset: number, first: number): EfiError {
  return new EfiError(
    'EFI_DEVICE_ERROR',
    `a capability pointer says 0x${offset.toString(16)}: expected 0 or at least 0x${first.toString(16)}`,
  );
}
