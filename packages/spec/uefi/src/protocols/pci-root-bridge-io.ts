import type { DeviceAddress, PhysicalAddress } from '../address.ts';
import type { HostBuffer } from '../buffer.ts';
import type { EfiHandle } from '../handle.ts';
import type { EfiMemoryType } from '../memory-type.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/**
 * The widths of PCI accesses (UEFI §14.2): 0 to 3 are 8, 16, 32 and 64 bits; plus 4 the address stands
 * still (FIFO), plus 8 the buffer does (fill).
 */
export const EfiPciWidthUint8 = 0;
export const EfiPciWidthUint16 = 1;
export const EfiPciWidthUint32 = 2;
export const EfiPciWidthUint64 = 3;
export const EfiPciWidthFifoUint8 = 4;
export const EfiPciWidthFillUint8 = 8;
export const EfiPciWidthMaximum = 12;

/** Bus master operations of Map (UEFI §14.2): the 64-bit ones may lie above 4 GiB. */
export type EfiPciOperation = 'BusMasterRead' | 'BusMasterWrite' | 'BusMasterCommonBuffer';
export type EfiPciOperation64 =
  | EfiPciOperation
  | 'BusMasterRead64'
  | 'BusMasterWrite64'
  | 'BusMasterCommonBuffer64';

/** What Map delivers: where the bus master finds the buffer, and how much of it was mapped. */
export interface EfiPciMapping {
  readonly deviceAddress: DeviceAddress;
  /** In bytes; may be less than was asked for. */
  readonly numberOfBytes: number;
}

/**
 * Accesses to one address space. One value at a time goes as a number, without a buffer in between;
 * `count` values, and 64-bit ones, go through a little-endian byte buffer.
 */
export interface EfiPciRootBridgeAccess {
  /** @throws EFI_INVALID_PARAMETER outside the apertures, EFI_UNSUPPORTED if not aligned to the width */
  read(width: 0 | 1 | 2, address: number): number;
  write(width: 0 | 1 | 2, address: number, value: number): void;
  /** @param width 0 to 11. @throws as `read` */
  readBuffer(width: number, address: number, count: number, buffer: Uint8Array): void;
  writeBuffer(width: number, address: number, count: number, buffer: Uint8Array): void;
}

/** An aperture as Configuration() describes it: an ACPI QWORD address space descriptor. */
export interface EfiPciResource {
  readonly type: 'memory' | 'io' | 'bus';
  /** 32 or 64 for memory. */
  readonly granularity: number;
  readonly prefetchable: boolean;
  readonly base: number;
  /** In bytes, ports or buses. */
  readonly length: number;
  /** _MAX of the descriptor, when it is not the last address: EDK II's PciIo puts the alignment there. */
  readonly addressRangeMaximum?: number;
}

/** Attributes of a root bridge that PCI functions ask for through it (UEFI §14.2). */
export const EFI_PCI_ATTRIBUTE_ISA_MOTHERBOARD_IO = 0x00001;
export const EFI_PCI_ATTRIBUTE_ISA_IO = 0x00002;
export const EFI_PCI_ATTRIBUTE_VGA_PALETTE_IO = 0x00004;
export const EFI_PCI_ATTRIBUTE_VGA_MEMORY = 0x00008;
export const EFI_PCI_ATTRIBUTE_VGA_IO = 0x00010;
export const EFI_PCI_ATTRIBUTE_IDE_PRIMARY_IO = 0x00020;
export const EFI_PCI_ATTRIBUTE_IDE_SECONDARY_IO = 0x00040;
export const EFI_PCI_ATTRIBUTE_MEMORY_WRITE_COMBINE = 0x00080;
export const EFI_PCI_ATTRIBUTE_MEMORY_CACHED = 0x00800;
export const EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE = 0x08000;
export const EFI_PCI_ATTRIBUTE_ISA_IO_16 = 0x10000;
export const EFI_PCI_ATTRIBUTE_VGA_PALETTE_IO_16 = 0x20000;
export const EFI_PCI_ATTRIBUTE_VGA_IO_16 = 0x40000;

/** EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL (UEFI §14.2). */
export interface EfiPciRootBridgeIo {
  /** The host bridge's handle. */
  readonly parentHandle: EfiHandle;
  readonly segmentNumber: number;
  readonly mem: EfiPciRootBridgeAccess;
  readonly io: EfiPciRootBridgeAccess;
  /** Addresses as `pciAddress` of @dxelab/pci makes them: bus, device, function and register. */
  readonly pci: EfiPciRootBridgeAccess;
  copyMem(width: number, destination: number, source: number, count: number): void;
  /** @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_INVALID_PARAMETER */
  map(operation: EfiPciOperation64, host: HostBuffer, numberOfBytes: number): EfiPciMapping;
  /** @throws EFI_INVALID_PARAMETER if the mapping is not one of `map` */
  unmap(mapping: EfiPciMapping): void;
  /** @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES */
  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress;
  freeBuffer(pages: number, address: PhysicalAddress): void;
  flush(): void;
  getAttributes(): { readonly supports: number; readonly attributes: number };
  /** @throws EFI_UNSUPPORTED */
  setAttributes(attributes: number): void;
  configuration(): readonly EfiPciResource[];
  pollMem(width: number, address: number, mask: bigint, value: bigint, delay: bigint): bigint;
  pollIo(width: number, address: number, mask: bigint, value: bigint, delay: bigint): bigint;
}

/** By which EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL (UEFI §14.2) is found. */
export const PciRootBridgeIoProtocol: Protocol<EfiPciRootBridgeIo> = defineProtocol(
  'PciRootBridgeIo',
  '2f707ebb-4a1a-11d4-9a38-0090273fc14d',
);
