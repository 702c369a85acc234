import type { PciAperture, PciRootBridgeHob } from '@dxelab/platform';
import { outCommand } from '../qtest/commands.ts';
import type { QtestLink } from '../qtest/qtest-link.ts';
import type { RamPiece } from './ram-layout.ts';

const GIB = 0x4000_0000;
const FOUR_GIB = 4 * GIB;
const MMIO64_SIZE = 32 * GIB;

/** Configuration mechanism #1, and a register of function 00:00.0 as it takes it. */
const CONFIG_ADDRESS = 0xcf8;
const CONFIG_DATA = 0xcfc;
const ENABLE = 0x8000_0000;
/** Of q35's memory controller: where ECAM is, 64 bits; bit 0 enables it. */
const PCIEXBAR = 0x60;
const ECAM: PciAperture = { base: 0xe000_0000, length: GIB / 4 };
/** Where the chipsets' own devices begin below 4 GiB: I/O APIC, HPET, local APIC, flash. */
const PC_MMIO_END = 0xfc00_0000;

interface Chipset {
  readonly io: PciAperture;
  readonly ecam: PciAperture | undefined;
  readonly mem32End: number;
}

/** What QEMU's pc and q35 leave free, as OvmfPkg/Library/PlatformInitLib and PciHostBridgeLib have it. */
const CHIPSETS: Readonly<Record<'pc' | 'q35', Chipset>> = {
  // Below 0xB000 and at it lie the ports of PIIX4's power management.
  pc: { io: { base: 0xc000, length: 0x4000 }, ecam: undefined, mem32End: PC_MMIO_END },
  q35: { io: { base: 0x6000, length: 0xa000 }, ecam: ECAM, mem32End: ECAM.base },
};

/**
 * Sets a PCI chipset up as PEI would, so that the firmware reaches configuration space, and describes
 * its root bridge.
 */
export function setUpPciRootBridge(
  machine: 'pc' | 'q35',
  ram: readonly RamPiece[],
  link: QtestLink,
): PciRootBridgeHob {
  const { io, ecam, mem32End } = CHIPSETS[machine];
  if (ecam !== undefined) {
    // The upper half first: then ECAM is never enabled at half an address.
    writeConfig(link, PCIEXBAR + 4, 0);
    writeConfig(link, PCIEXBAR, ecam.base + 1);
    link.settle();
  }
  const ends = ram.map(({ end }) => end);
  const lowEnd = Math.max(...ends.filter((end) => end <= FOUR_GIB));
  const uncached = FOUR_GIB - 2 ** Math.floor(Math.log2(FOUR_GIB - lowEnd));
  const mem32Base = Math.max(uncached, 2 * GIB);
  const top = Math.max(FOUR_GIB, ...ends);
  return {
    segment: 0,
    firstBus: 0,
    lastBus: 255,
    io,
    mem32: { base: mem32Base, length: mem32End - mem32Base },
    mem64: { base: Math.ceil(top / MMIO64_SIZE) * MMIO64_SIZE, length: MMIO64_SIZE },
    ecam,
    dmaAbove4G: true,
  };
}

function writeConfig(link: QtestLink, register: number, value: number): void {
  link.post(outCommand(CONFIG_ADDRESS, 4, ENABLE + register));
  link.post(outCommand(CONFIG_DATA, 4, value));
}
