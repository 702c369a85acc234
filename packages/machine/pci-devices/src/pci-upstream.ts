/** A range of bus addresses. */
export interface AddressRange {
  readonly base: number;
  /** In bytes, or ports. */
  readonly size: number;
}

/** What lies between a function and the host: the root bus, or a bridge and what is above it. */
export interface PciUpstream {
  /** The parts of `range` at which transactions of the CPU arrive below. */
  pass(space: 'io' | 'memory', range: AddressRange): readonly AddressRange[];
  /** Whether functions below may be bus masters. */
  readonly masterEnabled: boolean;
}

/** The root bus, on which everything arrives. */
export const ROOT_UPSTREAM: PciUpstream = {
  pass: (_space, range) => [range],
  masterEnabled: true,
};
