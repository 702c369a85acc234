import type { FdtNode } from '@dxelab/fdt';
import type {
  HobList,
  LocalRam,
  MemoryAllocationHob,
  PciRootBridgeHob,
  PrivateMemoryHob,
  ResourceDescriptorHob,
} from '@dxelab/platform';
import type { GuestBuffer } from '@dxelab/uefi';
import { machineDeviceTree } from './machine-device-tree.ts';
import { MachineSetupError } from './machine-setup-error.ts';

const PAGE = 0x1000;

/** Gathers what PEI would have found out; each device describes its own part when it is attached. */
export class HobBuilder {
  readonly #resources: ResourceDescriptorHob[] = [];
  readonly #allocations: MemoryAllocationHob[] = [];
  readonly #pciRootBridges: PciRootBridgeHob[] = [];
  readonly #deviceTreeNodes: FdtNode[] = [];
  #privateMemory: PrivateMemoryHob | undefined;

  addResource(hob: ResourceDescriptorHob): void {
    this.#resources.push(hob);
  }

  addAllocation(hob: MemoryAllocationHob): void {
    this.#allocations.push(hob);
  }

  addPciRootBridge(hob: PciRootBridgeHob): void {
    this.#pciRootBridges.push(hob);
  }

  setPrivateMemory(hob: PrivateMemoryHob): void {
    this.#privateMemory = hob;
  }

  /** Adds what cannot be probed to the machine's device tree, of whose root it is a child. */
  addDeviceTreeNode(node: FdtNode): void {
    this.#deviceTreeNodes.push(node);
  }

  /**
   * The description of a machine whose devices are all attached.
   * @param ram where the device tree is put, if there is anything to be said in one
   */
  build(ram: LocalRam): HobList {
    const nodes = this.#deviceTreeNodes;
    const deviceTree = nodes.length === 0 ? undefined : this.#placeDeviceTree(ram, nodes);
    return {
      machineType: 'X64',
      resources: this.#resources.toSorted((a, b) => a.base - b.base),
      allocations: [...this.#allocations],
      pciRootBridges: [...this.#pciRootBridges],
      deviceTree,
      ...(this.#privateMemory === undefined ? {} : { privateMemory: this.#privateMemory }),
    };
  }

  /** Where RAM below 4 GiB ends, in memory that is free after boot services, as OVMF's PEI has it. */
  #placeDeviceTree(ram: LocalRam, nodes: readonly FdtNode[]): GuestBuffer {
    const [low] = ram.ranges;
    if (low === undefined) throw new MachineSetupError('a machine with a device tree has RAM');
    const bytes = machineDeviceTree(ram.ranges, nodes);
    const length = Math.ceil(bytes.length / PAGE) * PAGE;
    const base = low.base + low.bytes.length - length;
    if (base <= low.base) throw new MachineSetupError('no room for the device tree in RAM');
    low.bytes.set(bytes, base - low.base);
    this.addAllocation({ memoryType: 'EfiBootServicesData', base, length });
    return { address: base, length: bytes.length };
  }
}
