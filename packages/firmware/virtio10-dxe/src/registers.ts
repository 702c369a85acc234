import type { EfiPciIo, EfiPciIoAccess } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';

/**
 * One structure of a modern device: where a virtio capability says that it lies. Every access is
 * checked against the length that the capability gave (OvmfPkg/Virtio10Dxe, Virtio10Transfer).
 */
export class CapabilityBlock {
  readonly kind: 'memory' | 'io';
  readonly bar: number;
  /** In bytes, from the beginning of the BAR. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  private readonly access: EfiPciIoAccess;

  constructor(pciIo: EfiPciIo, kind: 'memory' | 'io', bar: number, offset: number, length: number) {
    this.kind = kind;
    this.bar = bar;
    this.offset = offset;
    this.length = length;
    this.access = kind === 'memory' ? pciIo.mem : pciIo.io;
  }

  /** @throws EFI_INVALID_PARAMETER outside the block */
  read8(at: number): number {
    this.check(at, 1);
    return this.access.read(0, this.bar, this.offset + at);
  }

  read16(at: number): number {
    this.check(at, 2);
    return this.access.read(1, this.bar, this.offset + at);
  }

  read32(at: number): number {
    this.check(at, 4);
    return this.access.read(2, this.bar, this.offset + at);
  }

  write8(at: number, value: number): void {
    this.check(at, 1);
    this.access.write(0, this.bar, this.offset + at, value);
  }

  write16(at: number, value: number): void {
    this.check(at, 2);
    this.access.write(1, this.bar, this.offset + at, value);
  }

  write32(at: number, value: number): void {
    this.check(at, 4);
    this.access.write(2, this.bar, this.offset + at, value);
  }

  /** A 64-bit field: two accesses of 32 bits, the lower half first (virtio §4.1.3.1). */
  read64(at: number): bigint {
    this.check(at, 8);
    const low = this.read32(at);
    return (BigInt(this.read32(at + 4)) << 32n) | BigInt(low);
  }

  /** As read64. @param value a safe integer */
  write64(at: number, value: number): void {
    this.check(at, 8);
    this.write32(at, value >>> 0);
    this.write32(at + 4, Math.floor(value / 0x1_0000_0000));
  }

  private check(at: number, size: number): void {
    if (at >= 0 && at + size <= this.length) return;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `${size} bytes at ${at} are outside a virtio structure of ${this.length} bytes`,
    );
  }
}
