import type { PciAddress, PciTransfer } from '@dxelab/pci';
import { pciAddressParts, pciTransfer } from '@dxelab/pci';
import type { PciRootBridgeHob } from '@dxelab/platform';
import type { EfiPciRootBridgeAccess } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { ConfigMechanism } from './config-mechanism.ts';

/** Where an EFI_PCI_ADDRESS carries an extended register, and so has 0 in its lowest byte. */
const EXTENDED_ADDRESS = 0x1_0000_0000;

/**
 * Pci of EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL (UEFI §14.2): configuration space of the functions on the
 * buses of one root bridge. PciRootBridgeIo.c: RootBridgeIoPciRead, RootBridgeIoPciWrite.
 */
export class RootBridgeConfig implements EfiPciRootBridgeAccess {
  readonly #mechanism: ConfigMechanism;
  readonly #firstBus: number;
  readonly #lastBus: number;
  readonly #extendedUnaligned: boolean;

  /** @param extendedUnaligned QUIRK PciHostBridgeDxe.ExtendedConfigUnaligned */
  constructor(mechanism: ConfigMechanism, hob: PciRootBridgeHob, extendedUnaligned: boolean) {
    this.#mechanism = mechanism;
    this.#firstBus = hob.firstBus;
    this.#lastBus = hob.lastBus;
    this.#extendedUnaligned = extendedUnaligned;
  }

  read(width: 0 | 1 | 2, address: number): number {
    const size = 1 << width;
    return this.#readUnit(size, this.#target(size, address, size));
  }

  write(width: 0 | 1 | 2, address: number, value: number): void {
    const size = 1 << width;
    this.#writeUnit(size, this.#target(size, address, size), value);
  }

  readBuffer(width: number, address: number, count: number, buffer: Uint8Array): void {
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    this.#forEachUnit(pciTransfer(width, count, buffer), address, (size, target, offset) => {
      const value = this.#readUnit(size, target);
      if (size === 1) view.setUint8(offset, value);
      else if (size === 2) view.setUint16(offset, value, true);
      else view.setUint32(offset, value, true);
    });
  }

  writeBuffer(width: number, address: number, count: number, buffer: Uint8Array): void {
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    this.#forEachUnit(pciTransfer(width, count, buffer), address, (size, target, offset) => {
      if (size === 1) this.#writeUnit(size, target, view.getUint8(offset));
      else if (size === 2) this.#writeUnit(size, target, view.getUint16(offset, true));
      else this.#writeUnit(size, target, view.getUint32(offset, true));
    });
  }

  /** Walks a transfer; 64-bit values go as two accesses, as configuration space knows none. */
  #forEachUnit(
    { size, count, addressStride, bufferStride, length }: PciTransfer,
    address: number,
    body: (size: number, target: PciAddress, offset: number) => void,
  ): void {
    const target = this.#target(size, address, length);
    const unit = Math.min(size, 4);
    for (let index = 0; index < count; index++) {
      for (let part = 0; part < size; part += unit) {
        const register = target.register + index * addressStride + part;
        body(unit, { ...target, register }, index * bufferStride + part);
      }
    }
  }

  #readUnit(size: number, target: PciAddress): number {
    if (target.register % size === 0) return this.#mechanism.read(size, target);
    let value = 0;
    for (let byte = 0; byte < size; byte++) {
      const part = { ...target, register: target.register + byte };
      value |= this.#mechanism.read(1, part) << (8 * byte);
    }
    return value >>> 0;
  }

  #writeUnit(size: number, target: PciAddress, value: number): void {
    if (target.register % size === 0) {
      this.#mechanism.write(size, target, value);
      return;
    }
    for (let byte = 0; byte < size; byte++) {
      const part = { ...target, register: target.register + byte };
      this.#mechanism.write(1, part, (value >>> (8 * byte)) & 0xff);
    }
  }

  /** RootBridgeIoCheckParameter for configuration space. */
  #target(size: number, address: number, length: number): PciAddress {
    if (!Number.isSafeInteger(address) || address < 0) {
      throw new EfiError('EFI_INVALID_PARAMETER', `${address} is not an EFI_PCI_ADDRESS`);
    }
    const target = pciAddressParts(address);
    const mayBeUnaligned = this.#extendedUnaligned && address >= EXTENDED_ADDRESS;
    if (target.register % size !== 0 && !mayBeUnaligned) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `${size} bytes at register 0x${target.register.toString(16)} are not aligned`,
      );
    }
    const { bus, device, function: func, register } = target;
    if (bus < this.#firstBus || bus > this.#lastBus || device > 31 || func > 7) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `bus ${bus}, device ${device}, function ${func} is not behind this root bridge ` +
          `(buses ${this.#firstBus} to ${this.#lastBus}, devices 0 to 31, functions 0 to 7)`,
      );
    }
    if (register + length > this.#mechanism.size) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `configuration space has ${this.#mechanism.size} bytes: ` +
          `no ${length} bytes at 0x${register.toString(16)}`,
      );
    }
    return target;
  }
}
