import type {
  EdkiiIoMmu,
  EfiMemoryType,
  EfiPciIo,
  EfiPciIoAccess,
  EfiPciIoConfigAccess,
  EfiPciLocation,
  EfiPciMapping,
  EfiPciOperation,
  EfiPciOperation64,
  EfiPciResource,
  EfiPciRootBridgeIo,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import {
  EDKII_IOMMU_ACCESS_READ,
  EDKII_IOMMU_ACCESS_WRITE,
  EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED,
  EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE,
  EfiError,
  EfiPciWidthUint64,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import { unwinding } from '@dxelab/uefi-lib';
import type { PciIoDevice } from '../enumeration/pci-io-device.ts';
import { BarAccess } from './bar-access.ts';
import { BarAttributes } from './bar-attributes.ts';
import { ConfigAccess } from './config-access.ts';
import type { FunctionAttributes } from './function-attributes.ts';

const ALLOCATE_BUFFER_ATTRIBUTES =
  EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE | EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED;

/** What an IOMMU lets the function do for each operation of Map. */
const IOMMU_ACCESS: Readonly<Record<EfiPciOperation, number>> = {
  BusMasterRead: EDKII_IOMMU_ACCESS_READ,
  BusMasterWrite: EDKII_IOMMU_ACCESS_WRITE,
  BusMasterCommonBuffer: EDKII_IOMMU_ACCESS_READ | EDKII_IOMMU_ACCESS_WRITE,
};

/** EFI_PCI_IO_PROTOCOL (UEFI §14.4) of one function. PciIo.c. */
export class PciIo implements EfiPciIo {
  readonly mem: EfiPciIoAccess;
  readonly io: EfiPciIoAccess;
  readonly pci: EfiPciIoConfigAccess;
  /** Option ROMs are not modelled: no function has one. */
  readonly romImage: Uint8Array = new Uint8Array(0);
  private readonly rootBridgeIo: EfiPciRootBridgeIo;
  private readonly device: PciIoDevice;
  private readonly ioMmu: EdkiiIoMmu | undefined;
  private readonly failedAccessStaysMapped: boolean;
  private readonly location: EfiPciLocation;
  private readonly attributes: FunctionAttributes;
  private readonly barAttributes: BarAttributes;
  private readonly memory: BarAccess;
  private readonly ports: BarAccess;

  /** @param ioMmu what is told which function may do what with a mapping */
  constructor(device: PciIoDevice, quirks: Quirks, ioMmu?: EdkiiIoMmu) {
    const { rootBridgeIo, location } = device.config;
    this.rootBridgeIo = rootBridgeIo;
    this.device = device;
    this.ioMmu = ioMmu;
    this.failedAccessStaysMapped = quirks.has('PciBusDxe.FailedAccessStaysMapped');
    this.location = location;
    this.attributes = device.attributes;
    this.barAttributes = new BarAttributes(device, quirks);
    this.memory = new BarAccess(rootBridgeIo.mem, 'memory', device.bars);
    this.ports = new BarAccess(rootBridgeIo.io, 'I/O', device.bars);
    this.mem = this.memory;
    this.io = this.ports;
    this.pci = new ConfigAccess(device.config, device.express);
  }

  pollMem(
    width: number,
    bar: number,
    offset: number,
    mask: bigint,
    value: bigint,
    delay: bigint,
  ): bigint {
    const address = this.memory.address(bar, offset, sizeOfOne(width));
    return this.rootBridgeIo.pollMem(width, address, mask, value, delay);
  }

  pollIo(
    width: number,
    bar: number,
    offset: number,
    mask: bigint,
    value: bigint,
    delay: bigint,
  ): bigint {
    const address = this.ports.address(bar, offset, sizeOfOne(width));
    return this.rootBridgeIo.pollIo(width, address, mask, value, delay);
  }

  copyMem(
    width: number,
    destinationBar: number,
    destinationOffset: number,
    sourceBar: number,
    sourceOffset: number,
    count: number,
  ): void {
    const length = sizeOfOne(width) * count;
    const destination = this.memory.address(destinationBar, destinationOffset, length);
    const source = this.memory.address(sourceBar, sourceOffset, length);
    this.rootBridgeIo.copyMem(width, destination, source, count);
  }

  map(operation: EfiPciOperation, host: HostBuffer, numberOfBytes: number): EfiPciMapping {
    const mapping = this.rootBridgeIo.map(this.promote(operation), host, numberOfBytes);
    if (this.ioMmu !== undefined) this.grant(this.ioMmu, mapping, IOMMU_ACCESS[operation]);
    return mapping;
  }

  unmap(mapping: EfiPciMapping): void {
    if (this.ioMmu !== undefined) this.setAccess(this.ioMmu, mapping, 0);
    this.rootBridgeIo.unmap(mapping);
  }

  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress {
    if ((attributes & ~ALLOCATE_BUFFER_ATTRIBUTES) !== 0) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `AllocateBuffer takes attributes of 0x${ALLOCATE_BUFFER_ATTRIBUTES.toString(16)}, ` +
          `not 0x${attributes.toString(16)}`,
      );
    }
    const wide = this.isWide() ? EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE : 0;
    return this.rootBridgeIo.allocateBuffer(memoryType, pages, attributes | wide);
  }

  freeBuffer(pages: number, address: PhysicalAddress): void {
    this.rootBridgeIo.freeBuffer(pages, address);
  }

  flush(): void {
    this.rootBridgeIo.flush();
  }

  getLocation(): EfiPciLocation {
    return this.location;
  }

  getAttributes(): number {
    return this.attributes.current;
  }

  supportedAttributes(): number {
    return this.attributes.supports;
  }

  setAttributes(attributes: number): void {
    this.attributes.set(attributes);
  }

  enableAttributes(attributes: number): void {
    this.attributes.enable(attributes);
  }

  disableAttributes(attributes: number): void {
    this.attributes.disable(attributes);
  }

  getBarAttributes(barIndex: number): {
    readonly supports: number;
    readonly resource: EfiPciResource;
  } {
    return this.barAttributes.get(barIndex);
  }

  setBarAttributes(attributes: number, barIndex: number, offset: number, length: number): void {
    this.barAttributes.set(attributes, barIndex, offset, length);
  }

  /** Without its access a mapping is of no use, and only this function knows of it. */
  private grant(ioMmu: EdkiiIoMmu, mapping: EfiPciMapping, access: number): void {
    unwinding((unwind) => {
      if (!this.failedAccessStaysMapped) unwind.push(() => this.rootBridgeIo.unmap(mapping));
      this.setAccess(ioMmu, mapping, access);
    });
  }

  private setAccess(ioMmu: EdkiiIoMmu, mapping: EfiPciMapping, access: number): void {
    const handle = this.device.registration?.handle;
    if (handle !== undefined) ioMmu.setAttribute(handle, mapping, access);
  }

  /** Whether the function can send addresses above 4 GiB. */
  private isWide(): boolean {
    return (this.attributes.current & EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE) !== 0;
  }

  /** The operation for the root bridge, which must know whether the function can reach all of memory. */
  private promote(operation: EfiPciOperation): EfiPciOperation64 {
    const wide = this.isWide();
    switch (operation) {
      case 'BusMasterRead':
        return wide ? 'BusMasterRead64' : operation;
      case 'BusMasterWrite':
        return wide ? 'BusMasterWrite64' : operation;
      case 'BusMasterCommonBuffer':
        return wide ? 'BusMasterCommonBuffer64' : operation;
      default:
        throw new EfiError('EFI_INVALID_PARAMETER', `${String(operation)} is no operation of Map`);
    }
  }
}

/** In bytes. @throws EFI_INVALID_PARAMETER for a FIFO or a fill, where neither makes sense */
function sizeOfOne(width: number): number {
  if (Number.isInteger(width) && width >= 0 && width <= EfiPciWidthUint64) return 1 << width;
  throw new EfiError('EFI_INVALID_PARAMETER', `a width without FIFO or fill, not ${width}`);
}
