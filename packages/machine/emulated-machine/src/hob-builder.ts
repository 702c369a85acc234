import type {
  HobList,
  MemoryAllocationHob,
  PciRootBridgeHob,
  ResourceDescriptorHob,
} from '@dxelab/platform';

/** Gathers what PEI would have found out; each device describes its own part when it is attached. */
export class HobBuilder {
  readonly #resources: ResourceDescriptorHob[] = [];
  readonly #allocations: MemoryAllocationHob[] = [];
  readonly #pciRootBridges: PciRootBridgeHob[] = [];

  addResource(hob: ResourceDescriptorHob): void {
    this.#resources.push(hob);
  }

  addAllocation(hob: MemoryAllocationHob): void {
    this.#allocations.push(hob);
  }

  addPciRootBridge(hob: PciRootBridgeHob): void {
    this.#pciRootBridges.push(hob);
  }

  build(): HobList {
    return {
      machineType: 'X64',
      resources: this.#resources.toSorted((a, b) => a.base - b.base),
      allocations: [...this.#allocations],
      pciRootBridges: [...this.#pciRootBridges],
      deviceTree: undefined,
    };
  }
}
