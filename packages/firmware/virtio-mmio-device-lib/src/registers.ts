import type { AddressSpace } from '@dxelab/platform';
import { upperHalf } from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import { VIRTIO_MMIO_CONFIG } from '@dxelab/virtio';

/**
 * The registers of a device on MMIO, all of 32 bits, and its configuration behind them (virtio §4.2.2).
 * OvmfPkg/Library/VirtioMmioDeviceLib, VIRTIO_CFG_READ and VIRTIO_CFG_WRITE.
 */
export class MmioRegisters {
  private readonly mmio: AddressSpace;
  private readonly base: PhysicalAddress;
  private readonly config: PhysicalAddress;

  constructor(mmio: AddressSpace, base: PhysicalAddress) {
    this.mmio = mmio;
    this.base = base;
    this.config = base + VIRTIO_MMIO_CONFIG;
  }

  read32(at: number): number {
    return this.mmio.read32(this.base + at);
  }

  write32(at: number, value: number): void {
    this.mmio.write32(this.base + at, value);
  }

  /** A pair of registers, the lower half first. @param value a safe integer */
  writePair(low: number, high: number, value: number): void {
    this.write32(low, value >>> 0);
    this.write32(high, upperHalf(value));
  }

  /** A field of the configuration, as wide as it is (virtio §4.2.2.2). @throws EFI_INVALID_PARAMETER unaligned */
  readConfig(offset: number, size: 1 | 2 | 4): number {
    const address = this.field(offset, size);
    if (size === 1) return this.mmio.read8(address);
    return size === 2 ? this.mmio.read16(address) : this.mmio.read32(address);
  }

  writeConfig(offset: number, size: 1 | 2 | 4, value: number): void {
    const address = this.field(offset, size);
    if (size === 1) this.mmio.write8(address, value);
    else if (size === 2) this.mmio.write16(address, value);
    else this.mmio.write32(address, value);
  }

  /** The same byte by byte, the lowest first: MmioReadBuffer8. */
  readConfigBytes(offset: number, size: number): bigint {
    let value = 0n;
    for (let at = 0; at < size; at += 1) {
      value |= BigInt(this.mmio.read8(this.config + offset + at)) << BigInt(8 * at);
    }
    return value;
  }

  /** MmioWriteBuffer8 */
  writeConfigBytes(offset: number, size: number, value: number): void {
    for (let at = 0; at < size; at += 1) {
      this.mmio.write8(this.config + offset + at, (value >>> (8 * at)) & 0xff);
    }
  }

  private field(offset: number, size: number): PhysicalAddress {
    if (offset >= 0 && offset % size === 0) return this.config + offset;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `a field of ${size} bytes at ${offset} of the configuration is not aligned`,
    );
  }
}
