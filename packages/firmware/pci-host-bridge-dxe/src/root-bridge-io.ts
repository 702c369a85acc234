import type {
  EfiBootServices,
  EfiHandle,
  EfiMemoryType,
  EfiPciMapping,
  EfiPciOperation64,
  EfiPciResource,
  EfiPciRootBridgeAccess,
  EfiPciRootBridgeIo,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { RootBridgeDma } from './dma/root-bridge-dma.ts';
import { poll } from './poll.ts';
import type { RootBridgeAttributes } from './root-bridge-attributes.ts';
import type { RootBridge } from './root-bridge.ts';

/** What a root bridge consists of. */
export interface RootBridgeParts {
  readonly parentHandle: EfiHandle;
  readonly rootBridge: RootBridge;
  readonly attributes: RootBridgeAttributes;
  readonly mem: EfiPciRootBridgeAccess;
  readonly io: EfiPciRootBridgeAccess;
  readonly pci: EfiPciRootBridgeAccess;
  readonly dma: RootBridgeDma;
}

/** The widths that CopyMem, PollMem and PollIo take: no FIFO and no fill. */
const WIDTH_UINT64 = 3;

/** EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL (UEFI §14.2). PciRootBridgeIo.c. */
export class RootBridgeIo implements EfiPciRootBridgeIo {
  readonly parentHandle: EfiHandle;
  readonly segmentNumber: number;
  readonly mem: EfiPciRootBridgeAccess;
  readonly io: EfiPciRootBridgeAccess;
  readonly pci: EfiPciRootBridgeAccess;
  private readonly bs: Pick<EfiBootServices, 'stall'>;
  private readonly rootBridge: RootBridge;
  private readonly attributes: RootBridgeAttributes;
  private readonly dma: RootBridgeDma;

  constructor(bs: Pick<EfiBootServices, 'stall'>, parts: RootBridgeParts) {
    this.parentHandle = parts.parentHandle;
    this.segmentNumber = parts.rootBridge.hob.segment;
    this.mem = parts.mem;
    this.io = parts.io;
    this.pci = parts.pci;
    this.bs = bs;
    this.rootBridge = parts.rootBridge;
    this.attributes = parts.attributes;
    this.dma = parts.dma;
  }

  pollMem(width: number, address: number, mask: bigint, value: bigint, delay: bigint): bigint {
    return this.poll(this.mem, width, address, mask, value, delay);
  }

  pollIo(width: number, address: number, mask: bigint, value: bigint, delay: bigint): bigint {
    return this.poll(this.io, width, address, mask, value, delay);
  }

  /** Value by value, and from the top when the destination overlaps the rest of the source. */
  copyMem(width: number, destination: number, source: number, count: number): void {
    requireSingleWidth(width);
    const size = 1 << width;
    const value = new Uint8Array(size);
    const backwards = destination > source && destination < source + count * size;
    for (let index = 0; index < count; index++) {
      const offset = (backwards ? count - 1 - index : index) * size;
      this.mem.readBuffer(width, source + offset, 1, value);
      this.mem.writeBuffer(width, destination + offset, 1, value);
    }
  }

  map(operation: EfiPciOperation64, host: HostBuffer, numberOfBytes: number): EfiPciMapping {
    return this.dma.map(operation, host, numberOfBytes);
  }

  unmap(mapping: EfiPciMapping): void {
    this.dma.unmap(mapping);
  }

  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress {
    return this.dma.allocateBuffer(memoryType, pages, attributes);
  }

  freeBuffer(pages: number, address: PhysicalAddress): void {
    this.dma.freeBuffer(pages, address);
  }

  flush(): void {
    // The waist keeps no posted writes: each has reached its device when it returns.
  }

  getAttributes(): { readonly supports: number; readonly attributes: number } {
    return { supports: this.attributes.supports, attributes: this.attributes.current };
  }

  setAttributes(attributes: number): void {
    this.attributes.set(attributes);
  }

  configuration(): readonly EfiPciResource[] {
    return this.rootBridge.configuration();
  }

  private poll(
    space: EfiPciRootBridgeAccess,
    width: number,
    address: number,
    mask: bigint,
    value: bigint,
    delay: bigint,
  ): bigint {
    requireSingleWidth(width);
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    const read = (): bigint => {
      space.readBuffer(width, address, 1, bytes);
      return view.getBigUint64(0, true);
    };
    return poll(read, mask, value, delay, (microseconds) => this.bs.stall(microseconds));
  }
}

function requireSingleWidth(width: number): void {
  if (Number.isInteger(width) && width >= 0 && width <= WIDTH_UINT64) return;
  throw new EfiError('EFI_INVALID_PARAMETER', `a width without FIFO or fill, not ${width}`);
}
