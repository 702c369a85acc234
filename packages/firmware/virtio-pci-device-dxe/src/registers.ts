import type { EfiPciIo, EfiPciIoAccess } from '@dxelab/uefi';
import { VIRTIO_PCI_LEGACY_BAR } from '@dxelab/virtio';

/**
 * The registers of a legacy device, and its configuration behind them: I/O space, in BAR 0 (virtio
 * §4.1.4.10; OvmfPkg/VirtioPciDeviceDxe, VirtioPciIoRead and VirtioPciIoWrite). PciIo refuses what lies
 * outside with EFI_UNSUPPORTED.
 */
export class LegacyRegisters {
  private readonly io: EfiPciIoAccess;

  constructor(pciIo: EfiPciIo) {
    this.io = pciIo.io;
  }

  read8(at: number): number {
    return this.io.read(0, VIRTIO_PCI_LEGACY_BAR, at);
  }

  read16(at: number): number {
    return this.io.read(1, VIRTIO_PCI_LEGACY_BAR, at);
  }

  read32(at: number): number {
    return this.io.read(2, VIRTIO_PCI_LEGACY_BAR, at);
  }

  /** A 64-bit field: two accesses of 32 bits, the lower half first. */
  read64(at: number): bigint {
    const low = this.read32(at);
    return (BigInt(this.read32(at + 4)) << 32n) | BigInt(low);
  }

  write8(at: number, value: number): void {
    this.io.write(0, VIRTIO_PCI_LEGACY_BAR, at, value);
  }

  write16(at: number, value: number): void {
    this.io.write(1, VIRTIO_PCI_LEGACY_BAR, at, value);
  }

  write32(at: number, value: number): void {
    this.io.write(2, VIRTIO_PCI_LEGACY_BAR, at, value);
  }
}
