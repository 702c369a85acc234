import type { PciAperture, RamRange } from '@dxelab/platform';

const GIB = 0x4000_0000;
const FOUR_GIB = 4 * GIB;
/** ECAM, and where the 32-bit aperture ends. */
const ECAM_BASE = 0xe000_0000;
const MMIO64_SIZE = 32 * GIB;

/** What the root bridge of a q35 decodes. */
export interface Q35Apertures {
  readonly io: PciAperture;
  readonly mem32: PciAperture;
  readonly mem64: PciAperture;
  readonly ecam: PciAperture;
}

/** Places the apertures around RAM as OvmfPkg/Library/PlatformInitLib does for a q35. */
export function q35Apertures(ram: readonly RamRange[]): Q35Apertures {
  const ends = ram.map(({ base, bytes }) => base + bytes.length);
  const lowEnd = Math.max(0, ...ends.filter((end) => end <= FOUR_GIB));
  const top = Math.max(FOUR_GIB, ...ends);
  const uncached = FOUR_GIB - 2 ** Math.floor(Math.log2(FOUR_GIB - lowEnd));
  const mem32Base = Math.max(uncached, 2 * GIB);
  return {
    io: { base: 0x6000, length: 0xa000 },
    mem32: { base: mem32Base, length: ECAM_BASE - mem32Base },
    mem64: { base: Math.ceil(top / MMIO64_SIZE) * MMIO64_SIZE, length: MMIO64_SIZE },
    ecam: { base: ECAM_BASE, length: GIB / 4 },
  };
}
