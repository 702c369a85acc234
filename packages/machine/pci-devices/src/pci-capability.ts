import type { AccessWidth } from '@dxelab/emulated-machine';

/** One entry of the capability list (PCI Local Bus 3.0 §6.7). Offsets count from its first byte, the id. */
export interface PciCapability {
  readonly id: number;
  /** What follows the id and the pointer to the next: the capability's own bytes, from offset 2 on. */
  readonly body: Uint8Array;
  /** Which bits of `body` software can write, byte by byte; none if absent. */
  readonly writable?: Uint8Array;
  /** Called before software reads any of it: the place to bring a register up to date. */
  readonly beforeRead?: (offset: number, width: AccessWidth) => void;
  /** Called after software has written any of it. */
  readonly afterWrite?: (offset: number, width: AccessWidth) => void;
}

/** A capability that has its place in configuration space. */
export interface PlacedCapability {
  /** Where it begins in configuration space, in bytes. */
  readonly offset: number;
  /** In bytes, with the two of its header. */
  readonly length: number;
  readonly capability: PciCapability;
}
