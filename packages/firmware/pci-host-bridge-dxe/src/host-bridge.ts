import type {
  EfiHandle,
  EfiPciHostBridgePhase,
  EfiPciHostBridgeResourceAllocation,
  PciResourceProposal,
  PciResourceRequest,
} from '@dxelab/uefi';
import {
  EFI_PCI_HOST_BRIDGE_COMBINE_MEM_PMEM,
  EFI_PCI_HOST_BRIDGE_MEM64_DECODE,
  EfiError,
} from '@dxelab/uefi';
import { allocateFromApertures, freeToApertures } from './aperture-allocator.ts';
import type { ApertureSpaces } from './aperture-space.ts';
import type { RootBridge } from './root-bridge.ts';

/**
 * EFI_PCI_HOST_BRIDGE_RESOURCE_ALLOCATION_PROTOCOL (PI Vol. 5 §10.8): gives out bus numbers and the
 * addresses of the root bridges' apertures. PciHostBridge.c.
 */
export class HostBridge implements EfiPciHostBridgeResourceAllocation {
  readonly #rootBridges: readonly RootBridge[];
  readonly #spaces: ApertureSpaces;

  constructor(rootBridges: readonly RootBridge[], spaces: ApertureSpaces) {
    this.#rootBridges = rootBridges;
    this.#spaces = spaces;
  }

  notifyPhase(phase: EfiPciHostBridgePhase): void {
    switch (phase) {
      case 'EfiPciHostBridgeBeginEnumeration':
        for (const rootBridge of this.#rootBridges) {
          rootBridge.busCount = 0;
          rootBridge.requests = undefined;
          this.#free(rootBridge);
        }
        break;
      case 'EfiPciHostBridgeAllocateResources':
        this.#allocateResources();
        break;
      case 'EfiPciHostBridgeFreeResources':
        for (const rootBridge of this.#rootBridges) this.#free(rootBridge);
        break;
      case 'EfiPciHostBridgeEndEnumeration':
        // From here on the apertures belong to who has them: nothing is left to do.
        break;
      default:
        throw new EfiError('EFI_INVALID_PARAMETER', `${String(phase)} is no phase`);
    }
  }

  getNextRootBridge(previous: EfiHandle | undefined): EfiHandle | undefined {
    if (previous === undefined) return this.#rootBridges[0]?.handle;
    return this.#rootBridges[this.#rootBridges.indexOf(this.#find(previous)) + 1]?.handle;
  }

  getAllocAttributes(rootBridge: EfiHandle): number {
    this.#find(rootBridge);
    // As OVMF's: one window for prefetchable and other memory, and one above 4 GiB.
    return EFI_PCI_HOST_BRIDGE_COMBINE_MEM_PMEM | EFI_PCI_HOST_BRIDGE_MEM64_DECODE;
  }

  startBusEnumeration(rootBridge: EfiHandle): {
    readonly firstBus: number;
    readonly lastBus: number;
  } {
    return this.#find(rootBridge).hob;
  }

  setBusNumbers(rootBridge: EfiHandle, firstBus: number, count: number): void {
    const found = this.#find(rootBridge);
    const { hob } = found;
    if (firstBus !== hob.firstBus || count < 1 || firstBus + count - 1 > hob.lastBus) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `buses ${firstBus} to ${firstBus + count - 1}: ` +
          `the root bridge has ${hob.firstBus} to ${hob.lastBus} and begins with the first`,
      );
    }
    found.busCount = count;
  }

  submitResources(rootBridge: EfiHandle, requests: readonly PciResourceRequest[]): void {
    const found = this.#find(rootBridge);
    for (const { type, length, alignment } of requests) {
      const prefetchable = type === 'pmem32' || type === 'pmem64';
      if (prefetchable || !(length > 0) || !Number.isInteger(Math.log2(alignment))) {
        throw new EfiError(
          'EFI_INVALID_PARAMETER',
          `${length} bytes of ${type}, aligned to ${alignment}: expected a length, a power of two ` +
            'and, as windows are combined, nothing prefetchable',
        );
      }
    }
    found.requests = [...requests];
    this.#free(found);
  }

  getProposedResources(rootBridge: EfiHandle): readonly PciResourceProposal[] {
    return this.#find(rootBridge).proposals;
  }

  #allocateResources(): void {
    for (const rootBridge of this.#rootBridges) {
      if (rootBridge.requests === undefined) {
        throw new EfiError('EFI_NOT_READY', 'a root bridge has not submitted its resources');
      }
      this.#free(rootBridge);
      const { hob, requests } = rootBridge;
      rootBridge.proposals = allocateFromApertures(hob, requests, this.#spaces);
    }
    const unsatisfied = this.#rootBridges
      .flatMap(({ proposals }) => proposals)
      .filter(({ base }) => base === undefined);
    if (unsatisfied.length > 0) {
      const missing = unsatisfied.map(({ type, length }) => `0x${length.toString(16)} of ${type}`);
      throw new EfiError('EFI_OUT_OF_RESOURCES', `no room in the apertures: ${missing.join(', ')}`);
    }
  }

  #free(rootBridge: RootBridge): void {
    freeToApertures(rootBridge.proposals, this.#spaces);
    rootBridge.proposals = [];
  }

  #find(handle: EfiHandle): RootBridge {
    const found = this.#rootBridges.find((rootBridge) => rootBridge.handle === handle);
    if (found !== undefined) return found;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `handle ${handle.number} is no root bridge of this host bridge`,
    );
  }
}
