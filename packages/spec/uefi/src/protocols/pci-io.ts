import type { PhysicalAddress } from '../address.ts';
import type { HostBuffer } from '../buffer.ts';
import type { EfiMemoryType } from '../memory-type.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiPciMapping, EfiPciOperation, EfiPciResource } from './pci-root-bridge-io.ts';

/** Attributes of a PCI function (UEFI §14.4.1): those of legacy ranges that bridges above it must pass. */
export const EFI_PCI_IO_ATTRIBUTE_ISA_IO = 0x0002;
export const EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO = 0x0004;
export const EFI_PCI_IO_ATTRIBUTE_VGA_MEMORY = 0x0008;
export const EFI_PCI_IO_ATTRIBUTE_VGA_IO = 0x0010;
export const EFI_PCI_IO_ATTRIBUTE_IDE_PRIMARY_IO = 0x0020;
export const EFI_PCI_IO_ATTRIBUTE_IDE_SECONDARY_IO = 0x0040;
export const EFI_PCI_IO_ATTRIBUTE_ISA_IO_16 = 0x10000;
export const EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO_16 = 0x20000;
export const EFI_PCI_IO_ATTRIBUTE_VGA_IO_16 = 0x40000;
/** Those of the function itself. */
export const EFI_PCI_IO_ATTRIBUTE_IO = 0x0100;
export const EFI_PCI_IO_ATTRIBUTE_MEMORY = 0x0200;
export const EFI_PCI_IO_ATTRIBUTE_BUS_MASTER = 0x0400;
export const EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE = 0x0080;
export const EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED = 0x0800;
export const EFI_PCI_IO_ATTRIBUTE_MEMORY_DISABLE = 0x1000;
export const EFI_PCI_IO_ATTRIBUTE_EMBEDDED_DEVICE = 0x2000;
export const EFI_PCI_IO_ATTRIBUTE_EMBEDDED_ROM = 0x4000;
export const EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE = 0x8000;
/** IO, MEMORY and BUS_MASTER together. */
export const EFI_PCI_DEVICE_ENABLE = 0x0700;

/** The BAR index that means an absolute address (UEFI §14.4). */
export const EFI_PCI_IO_PASS_THROUGH_BAR = 0xff;

/** Accesses through a BAR. One value as a number; several, or 64-bit ones, through a byte buffer. */
export interface EfiPciIoAccess {
  /**
   * @param offset in bytes from the beginning of the BAR
   * @throws EFI_UNSUPPORTED outside the BAR, at a BAR of the other kind, or unaligned
   */
  read(width: 0 | 1 | 2, barIndex: number, offset: number): number;
  write(width: 0 | 1 | 2, barIndex: number, offset: number, value: number): void;
  /** @param width 0 to 11 */
  readBuffer(
    width: number,
    barIndex: number,
    offset: number,
    count: number,
    buffer: Uint8Array,
  ): void;
  writeBuffer(
    width: number,
    barIndex: number,
    offset: number,
    count: number,
    buffer: Uint8Array,
  ): void;
}

/** Accesses to the function's configuration space. */
export interface EfiPciIoConfigAccess {
  /** @throws EFI_UNSUPPORTED beyond the configuration space, or unaligned */
  read(width: 0 | 1 | 2, offset: number): number;
  write(width: 0 | 1 | 2, offset: number, value: number): void;
  readBuffer(width: number, offset: number, count: number, buffer: Uint8Array): void;
  writeBuffer(width: number, offset: number, count: number, buffer: Uint8Array): void;
}

/** Where a function is, as GetLocation tells it (UEFI §14.4). */
export interface EfiPciLocation {
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly function: number;
}

/** EFI_PCI_IO_PROTOCOL (UEFI §14.4). */
export interface EfiPciIo {
  readonly mem: EfiPciIoAccess;
  readonly io: EfiPciIoAccess;
  readonly pci: EfiPciIoConfigAccess;
  pollMem(
    width: number,
    bar: number,
    offset: number,
    mask: bigint,
    value: bigint,
    delay: bigint,
  ): bigint;
  pollIo(
    width: number,
    bar: number,
    offset: number,
    mask: bigint,
    value: bigint,
    delay: bigint,
  ): bigint;
  copyMem(
    width: number,
    destinationBar: number,
    destinationOffset: number,
    sourceBar: number,
    sourceOffset: number,
    count: number,
  ): void;
  /**
   * Makes a buffer reachable for the function.
   * @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR
   */
  map(operation: EfiPciOperation, host: HostBuffer, numberOfBytes: number): EfiPciMapping;
  /** Ends a mapping; what the function wrote is in the host buffer afterwards. @throws EFI_DEVICE_ERROR */
  unmap(mapping: EfiPciMapping): void;
  /** Pages for common buffers. @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES */
  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress;
  freeBuffer(pages: number, address: PhysicalAddress): void;
  flush(): void;
  getLocation(): EfiPciLocation;
  /** Attributes(Get) */
  getAttributes(): number;
  /** Attributes(Supported) */
  supportedAttributes(): number;
  /** Attributes(Set). @throws EFI_UNSUPPORTED */
  setAttributes(attributes: number): void;
  /** Attributes(Enable). @throws EFI_UNSUPPORTED */
  enableAttributes(attributes: number): void;
  /** Attributes(Disable). @throws EFI_UNSUPPORTED */
  disableAttributes(attributes: number): void;
  /** What lies behind a BAR. @throws EFI_UNSUPPORTED if there is none */
  getBarAttributes(barIndex: number): {
    readonly supports: number;
    readonly resource: EfiPciResource;
  };
  /** @throws EFI_UNSUPPORTED */
  setBarAttributes(attributes: number, barIndex: number, offset: number, length: number): void;
  readonly romImage: Uint8Array;
}

/** By which EFI_PCI_IO_PROTOCOL (UEFI §14.4) is found. */
export const PciIoProtocol: Protocol<EfiPciIo> = defineProtocol(
  'PciIo',
  '4cf5b200-68b8-4ca5-9eec-b23e3f50029a',
);

/** Installed, without an interface, when every PCI bus has been enumerated (PI Vol. 5 §10.6). */
export const PciEnumerationCompleteProtocol: Protocol<null> = defineProtocol(
  'PciEnumerationComplete',
  '30cfe3e7-3de1-4586-be20-deaba1b3b793',
);
