import {
  PCI_BRIDGE_IO_BASE_OFFSET,
  PCI_BRIDGE_IO_LIMIT_OFFSET,
  PCI_BRIDGE_MEMORY_BASE_OFFSET,
  PCI_BRIDGE_MEMORY_LIMIT_OFFSET,
  PCI_BRIDGE_PREFETCH_BASE_OFFSET,
  PCI_BRIDGE_PREFETCH_BASE_UPPER_OFFSET,
  PCI_BRIDGE_PREFETCH_LIMIT_OFFSET,
  PCI_BRIDGE_PREFETCH_LIMIT_UPPER_OFFSET,
} from '@dxelab/pci';
import type { ConfigSpace } from './config-space.ts';
import type { AddressRange } from './pci-upstream.ts';

const IO_GRANULE = 0x1000;
const MEMORY_GRANULE = 0x10_0000;
const FOUR_GIB = 0x1_0000_0000;

/** The windows that a bridge's registers open (PCI-to-PCI Bridge 1.2 §3.2.5.6 to §3.2.5.10). */
export function bridgeWindows(
  config: ConfigSpace,
  space: 'io' | 'memory',
): readonly AddressRange[] {
  if (space === 'io') {
    const base = (config.get(PCI_BRIDGE_IO_BASE_OFFSET, 1) >>> 4) * IO_GRANULE;
    const limit = (config.get(PCI_BRIDGE_IO_LIMIT_OFFSET, 1) >>> 4) * IO_GRANULE;
    return open(base, limit + IO_GRANULE);
  }
  const memory = open(
    (config.get(PCI_BRIDGE_MEMORY_BASE_OFFSET, 2) >>> 4) * MEMORY_GRANULE,
    (config.get(PCI_BRIDGE_MEMORY_LIMIT_OFFSET, 2) >>> 4) * MEMORY_GRANULE + MEMORY_GRANULE,
  );
  const prefetchable = open(
    (config.get(PCI_BRIDGE_PREFETCH_BASE_OFFSET, 2) >>> 4) * MEMORY_GRANULE +
      config.get(PCI_BRIDGE_PREFETCH_BASE_UPPER_OFFSET, 4) * FOUR_GIB,
    (config.get(PCI_BRIDGE_PREFETCH_LIMIT_OFFSET, 2) >>> 4) * MEMORY_GRANULE +
      config.get(PCI_BRIDGE_PREFETCH_LIMIT_UPPER_OFFSET, 4) * FOUR_GIB +
      MEMORY_GRANULE,
  );
  // What both let through passes once.
  return [...memory, ...prefetchable.flatMap((window) => subtract(window, memory[0]))];
}

/** The part of `range` that lies in `window`: one range, or none. */
export function intersect(window: AddressRange, range: AddressRange): AddressRange[] {
  const base = Math.max(window.base, range.base);
  return open(base, Math.min(window.base + window.size, range.base + range.size));
}

/** What of `window` lies outside `other`. */
function subtract(window: AddressRange, other: AddressRange | undefined): AddressRange[] {
  if (other === undefined) return [window];
  const end = window.base + window.size;
  return [
    ...open(window.base, Math.min(end, other.base)),
    ...open(Math.max(window.base, other.base + other.size), end),
  ];
}

/** A range from its two ends; a limit below the base closes a window. */
function open(base: number, end: number): AddressRange[] {
  return base < end ? [{ base, size: end - base }] : [];
}
