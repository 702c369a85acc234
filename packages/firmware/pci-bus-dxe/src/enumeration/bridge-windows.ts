import {
  PCI_BRIDGE_IO_BASE_OFFSET,
  PCI_BRIDGE_IO_BASE_UPPER_OFFSET,
  PCI_BRIDGE_IO_LIMIT_OFFSET,
  PCI_BRIDGE_IO_LIMIT_UPPER_OFFSET,
  PCI_BRIDGE_MEMORY_BASE_OFFSET,
  PCI_BRIDGE_MEMORY_LIMIT_OFFSET,
  PCI_BRIDGE_PREFETCH_BASE_OFFSET,
  PCI_BRIDGE_PREFETCH_BASE_UPPER_OFFSET,
  PCI_BRIDGE_PREFETCH_LIMIT_OFFSET,
  PCI_BRIDGE_PREFETCH_LIMIT_UPPER_OFFSET,
} from '@dxelab/pci';
import type { PciResourceType } from '@dxelab/uefi';
import type { TplServices } from './at-high-level.ts';
import { answerTo, atHighLevel } from './at-high-level.ts';
import type { FunctionConfig } from './function-config.ts';

/** How finely a bridge's windows can be placed (PCI-to-PCI Bridge 1.2 §3.2.5.6, §3.2.5.8). */
export const BRIDGE_IO_GRANULARITY = 0x1000;
export const BRIDGE_MEMORY_GRANULARITY = 0x10_0000;

/** The address bits of the windows that a bridge has; a memory window of 32 bits it always has. */
export interface BridgeDecode {
  readonly io: 0 | 16 | 32;
  readonly prefetchable: 0 | 32 | 64;
}

/** In the lowest digit of a base register: there is an upper half. */
const WIDE = 1;
const UPPER = 0x1_0000_0000;

/** Finds out which windows a bridge has. PciEnumeratorSupport.c: GatherPpbInfo. */
export function probeBridgeDecode(bs: TplServices, config: FunctionConfig): BridgeDecode {
  return atHighLevel(bs, () => {
    const io = answerTo(config, 0, PCI_BRIDGE_IO_BASE_OFFSET, 0xff);
    const prefetchable = answerTo(config, 1, PCI_BRIDGE_PREFETCH_BASE_OFFSET, 0xffff);
    const ioBits = (io & 0xf) === WIDE ? 32 : 16;
    const prefetchableBits = (prefetchable & 0xf) === WIDE ? 64 : 32;
    return {
      io: io === 0 ? 0 : ioBits,
      prefetchable: prefetchable === 0 ? 0 : prefetchableBits,
    };
  });
}

/** Lets nothing through: windows whose limits are below their bases. PciResourceSupport.c: InitializePpb. */
export function closeBridgeWindows(config: FunctionConfig, decode: BridgeDecode): void {
  if (decode.io !== 0) {
    config.write(0, PCI_BRIDGE_IO_BASE_OFFSET, 0xff);
    config.write(0, PCI_BRIDGE_IO_LIMIT_OFFSET, 0);
  }
  if (decode.io === 32) {
    config.write(1, PCI_BRIDGE_IO_BASE_UPPER_OFFSET, 0xffff);
    config.write(1, PCI_BRIDGE_IO_LIMIT_UPPER_OFFSET, 0);
  }
  config.write(1, PCI_BRIDGE_MEMORY_BASE_OFFSET, 0xffff);
  config.write(1, PCI_BRIDGE_MEMORY_LIMIT_OFFSET, 0);
  if (decode.prefetchable !== 0) {
    config.write(1, PCI_BRIDGE_PREFETCH_BASE_OFFSET, 0xffff);
    config.write(1, PCI_BRIDGE_PREFETCH_LIMIT_OFFSET, 0);
  }
  if (decode.prefetchable === 64) {
    config.write(2, PCI_BRIDGE_PREFETCH_BASE_UPPER_OFFSET, 0xffffffff);
    config.write(2, PCI_BRIDGE_PREFETCH_LIMIT_UPPER_OFFSET, 0);
  }
}

/**
 * Opens one window. PciResourceSupport.c: ProgramPpbApperture.
 * @param length a multiple of the granularity, above 0
 */
export function programBridgeWindow(
  config: FunctionConfig,
  decode: BridgeDecode,
  type: PciResourceType,
  base: number,
  length: number,
): void {
  const limit = base + length - 1;
  if (type === 'io') {
    config.write(0, PCI_BRIDGE_IO_BASE_OFFSET, (base >>> 8) & 0xf0);
    config.write(0, PCI_BRIDGE_IO_LIMIT_OFFSET, (limit >>> 8) & 0xf0);
    if (decode.io === 32) {
      config.write(1, PCI_BRIDGE_IO_BASE_UPPER_OFFSET, base >>> 16);
      config.write(1, PCI_BRIDGE_IO_LIMIT_UPPER_OFFSET, limit >>> 16);
    }
  } else if (type === 'mem32' || type === 'mem64') {
    config.write(1, PCI_BRIDGE_MEMORY_BASE_OFFSET, (base >>> 16) & 0xfff0);
    config.write(1, PCI_BRIDGE_MEMORY_LIMIT_OFFSET, (limit >>> 16) & 0xfff0);
  } else {
    config.write(1, PCI_BRIDGE_PREFETCH_BASE_OFFSET, (base >>> 16) & 0xfff0);
    config.write(1, PCI_BRIDGE_PREFETCH_LIMIT_OFFSET, (limit >>> 16) & 0xfff0);
    if (decode.prefetchable === 64) {
      config.write(2, PCI_BRIDGE_PREFETCH_BASE_UPPER_OFFSET, Math.floor(base / UPPER));
      config.write(2, PCI_BRIDGE_PREFETCH_LIMIT_UPPER_OFFSET, Math.floor(limit / UPPER));
    }
  }
}
