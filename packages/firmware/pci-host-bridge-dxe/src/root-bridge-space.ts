import { pciTransfer } from '@dxelab/pci';
import type { AddressSpace, PciAperture } from '@dxelab/platform';
import type { EfiPciRootBridgeAccess } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { RootBridgeAttributes } from './root-bridge-attributes.ts';

/** Which addresses of one space a root bridge forwards. */
export interface RootBridgeWindows {
  readonly low: PciAperture;
  /** Memory above 4 GiB. */
  readonly high: PciAperture | undefined;
  /** Decoded without an aperture while any of these attributes is set. */
  readonly legacy: PciAperture;
  readonly legacyAttributes: number;
}

/**
 * Mem or Io of EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL (UEFI §14.2): the CPU's accesses to one address space,
 * after the checks of PciRootBridgeIo.c: RootBridgeIoCheckParameter. `read` and `write` are on the way
 * of every notification of a virtio queue.
 */
export class RootBridgeSpace implements EfiPciRootBridgeAccess {
  private readonly space: AddressSpace;
  private readonly attributes: RootBridgeAttributes;
  private readonly windows: RootBridgeWindows;
  /** In bytes: a CPU has no 64-bit port I/O. */
  private readonly largest: 4 | 8;
  // The windows again, as the numbers that each access is compared with.
  private readonly lowBase: number;
  private readonly lowEnd: number;
  private readonly highBase: number;
  private readonly highEnd: number;

  constructor(
    space: AddressSpace,
    windows: RootBridgeWindows,
    attributes: RootBridgeAttributes,
    largest: 4 | 8,
  ) {
    this.space = space;
    this.attributes = attributes;
    this.windows = windows;
    this.largest = largest;
    this.lowBase = windows.low.base;
    this.lowEnd = windows.low.base + windows.low.length;
    this.highBase = windows.high?.base ?? Infinity;
    this.highEnd = this.highBase + (windows.high?.length ?? 0);
  }

  read(width: 0 | 1 | 2, address: number): number {
    const size = 1 << width;
    this.check(size, address, size);
    switch (width) {
      case 0:
        return this.space.read8(address);
      case 1:
        return this.space.read16(address);
      case 2:
        return this.space.read32(address);
      default:
        throw notOneValue(width);
    }
  }

  write(width: 0 | 1 | 2, address: number, value: number): void {
    const size = 1 << width;
    this.check(size, address, size);
    switch (width) {
      case 0:
        return this.space.write8(address, value);
      case 1:
        return this.space.write16(address, value);
      case 2:
        return this.space.write32(address, value);
      default:
        throw notOneValue(width);
    }
  }

  readBuffer(width: number, address: number, count: number, buffer: Uint8Array): void {
    const transfer = pciTransfer(width, count, buffer);
    this.check(transfer.size, address, transfer.length);
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    for (let index = 0; index < count; index++) {
      const from = address + index * transfer.addressStride;
      this.readUnit(transfer.size, from, view, index * transfer.bufferStride);
    }
  }

  writeBuffer(width: number, address: number, count: number, buffer: Uint8Array): void {
    const transfer = pciTransfer(width, count, buffer);
    this.check(transfer.size, address, transfer.length);
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    for (let index = 0; index < count; index++) {
      const to = address + index * transfer.addressStride;
      this.writeUnit(transfer.size, to, view, index * transfer.bufferStride);
    }
  }

  private readUnit(size: number, address: number, view: DataView, offset: number): void {
    if (size === 1) view.setUint8(offset, this.space.read8(address));
    else if (size === 2) view.setUint16(offset, this.space.read16(address), true);
    else if (size === 4) view.setUint32(offset, this.space.read32(address), true);
    else view.setBigUint64(offset, this.space.read64(address), true);
  }

  private writeUnit(size: number, address: number, view: DataView, offset: number): void {
    if (size === 1) this.space.write8(address, view.getUint8(offset));
    else if (size === 2) this.space.write16(address, view.getUint16(offset, true));
    else if (size === 4) this.space.write32(address, view.getUint32(offset, true));
    else this.space.write64(address, view.getBigUint64(offset, true));
  }

  private check(size: number, address: number, length: number): void {
    if ((address & (size - 1)) !== 0) throw unaligned(size, address);
    const end = address + length;
    if (size > this.largest) throw this.outside(address, end);
    if (address >= this.lowBase && end <= this.lowEnd) return;
    if (address >= this.highBase && end <= this.highEnd) return;
    const { legacy, legacyAttributes } = this.windows;
    const decoded = (this.attributes.current & legacyAttributes) !== 0;
    if (decoded && address >= legacy.base && end <= legacy.base + legacy.length) return;
    throw this.outside(address, end);
  }

  private outside(address: number, end: number): EfiError {
    const { low, high } = this.windows;
    const windows = [low, ...(high === undefined ? [] : [high])].map(
      ({ base, length }) => `0x${base.toString(16)}-0x${(base + length).toString(16)}`,
    );
    return new EfiError(
      'EFI_INVALID_PARAMETER',
      `the root bridge decodes ${windows.join(' and ')} in units of up to ${this.largest} bytes, ` +
        `not 0x${address.toString(16)}-0x${end.toString(16)}`,
    );
  }
}

function unaligned(size: number, address: number): EfiError {
  return new EfiError(
    'EFI_UNSUPPORTED',
    `an access of ${size} bytes must be aligned to its size: 0x${address.toString(16)} is not`,
  );
}

function notOneValue(width: number): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', `one value has a width of 0, 1 or 2, not ${width}`);
}
