import type { GuestRam } from '@dxelab/platform';
import type { EfiBootServices, PhysicalAddress } from '@dxelab/uefi';
import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import type { VRing } from '@dxelab/virtio';
import { VRING_DESC_SIZE, VRING_USED_ELEM_SIZE } from '@dxelab/virtio';

/** Flags, index and event field of a ring: three 16-bit words around its entries. */
const RING_WORDS = 6;

/** What VirtioLib is linked against: BaseMemoryLib, BaseLib, and gBS->Stall. */
export type RingServices = Pick<EfiBootServices, 'stall'>;
export type RingLibraries = Pick<ModuleLibraries, 'ram' | 'quirks' | 'memoryFence' | 'trace'>;

/** Which descriptor the chain begins with, and which is next: EDK II's DESC_INDICES. */
export interface DescIndices {
  headDescIdx: number;
  nextDescIdx: number;
  /** How many bytes of the chain the device may write: no used length can be larger. */
  writableBytes: number;
}

/** Where the parts of a ring of `queueSize` descriptors stand, in bytes from its base. */
export function vringLayout(queueSize: number): { avail: number; used: number; pages: number } {
  const avail = queueSize * VRING_DESC_SIZE;
  const used = roundUpToPage(avail + RING_WORDS + queueSize * 2);
  const end = used + roundUpToPage(RING_WORDS + queueSize * VRING_USED_ELEM_SIZE);
  return { avail, used, pages: end / EFI_PAGE_SIZE };
}

/**
 * A ring of a synchronous driver: one chain in flight at most, always built from descriptor 0 on.
 * OvmfPkg/Library/VirtioLib.
 */
export class VirtioRing implements VRing {
  readonly numPages: number;
  readonly base: PhysicalAddress;
  readonly queueSize: number;
  readonly desc: PhysicalAddress;
  readonly avail: PhysicalAddress;
  readonly used: PhysicalAddress;

  readonly ram: GuestRam;
  readonly bs: RingServices;
  readonly libraries: RingLibraries;
  readonly trustsDevice: boolean;
  readonly alwaysNotifies: boolean;
  /** One chain is in flight at most, so one record serves every request. */
  readonly indices: DescIndices = { headDescIdx: 0, nextDescIdx: 0, writableBytes: 0 };
  /** The driver's own copy of the index that it last made available: the device could overwrite the other. */
  availIdx = 0;
  /** Which promise the device broke: the chain may still be its own, so only a reset mends the ring. */
  broken: string | undefined = undefined;

  constructor(
    base: PhysicalAddress,
    queueSize: number,
    bs: RingServices,
    libraries: RingLibraries,
  ) {
    const { avail, used, pages } = vringLayout(queueSize);
    this.numPages = pages;
    this.base = base;
    this.queueSize = queueSize;
    this.desc = base;
    this.avail = base + avail;
    this.used = base + used;
    this.ram = libraries.ram;
    this.bs = bs;
    this.libraries = libraries;
    this.trustsDevice = libraries.quirks.has('VirtioLib.FlushTrustsDevice');
    this.alwaysNotifies = libraries.quirks.has('VirtioLib.AlwaysNotifies');
  }
}

function roundUpToPage(bytes: number): number {
  return Math.ceil(bytes / EFI_PAGE_SIZE) * EFI_PAGE_SIZE;
}
