import { pciTransfer } from '@dxelab/pci';
import type { EfiPciIoAccess, EfiPciRootBridgeAccess } from '@dxelab/uefi';
import { EFI_PCI_IO_PASS_THROUGH_BAR, EfiError } from '@dxelab/uefi';
import type { BarTable } from '../enumeration/probe-bars.ts';

/** A BAR as an access needs it. */
interface PlacedBar {
  readonly base: number;
  readonly length: number;
}

/**
 * Mem or Io of EFI_PCI_IO_PROTOCOL (UEFI §14.4): accesses relative to a BAR, which become accesses of
 * the root bridge. PciIo.c: PciIoVerifyBarAccess. `read` and `write` are on the way of every
 * notification of a virtio queue.
 */
export class BarAccess implements EfiPciIoAccess {
  private readonly space: EfiPciRootBridgeAccess;
  private readonly kind: 'memory' | 'I/O';
  /** By BarIndex; those of the other kind are absent. */
  private readonly bars: readonly (PlacedBar | undefined)[];

  constructor(space: EfiPciRootBridgeAccess, kind: 'memory' | 'I/O', bars: BarTable) {
    this.space = space;
    this.kind = kind;
    this.bars = bars.map((bar) => {
      if (bar?.base === undefined || (bar.type === 'io') !== (kind === 'I/O')) return undefined;
      return { base: bar.base, length: bar.length };
    });
  }

  read(width: 0 | 1 | 2, barIndex: number, offset: number): number {
    return this.space.read(width, this.address(barIndex, offset, 1 << width));
  }

  write(width: 0 | 1 | 2, barIndex: number, offset: number, value: number): void {
    this.space.write(width, this.address(barIndex, offset, 1 << width), value);
  }

  readBuffer(
    width: number,
    barIndex: number,
    offset: number,
    count: number,
    buffer: Uint8Array,
  ): void {
    const { length } = pciTransfer(width, count, buffer);
    this.space.readBuffer(width, this.address(barIndex, offset, length), count, buffer);
  }

  writeBuffer(
    width: number,
    barIndex: number,
    offset: number,
    count: number,
    buffer: Uint8Array,
  ): void {
    const { length } = pciTransfer(width, count, buffer);
    this.space.writeBuffer(width, this.address(barIndex, offset, length), count, buffer);
  }

  /**
   * Where `length` bytes at an offset of a BAR are in the root bridge's address space.
   * @throws EFI_UNSUPPORTED if there is no such BAR of this kind, or the bytes are not in it
   */
  address(barIndex: number, offset: number, length: number): number {
    if (barIndex === EFI_PCI_IO_PASS_THROUGH_BAR) return offset;
    const bar = this.bars[barIndex];
    if (bar !== undefined && offset >= 0 && offset + length <= bar.length) {
      return bar.base + offset;
    }
    throw this.outside(bar, barIndex, offset, length);
  }

  private outside(
    bar: PlacedBar | undefined,
    barIndex: number,
    offset: number,
    length: number,
  ): EfiError {
    const what = `${length} bytes at 0x${offset.toString(16)} of BAR ${barIndex}`;
    const why =
      bar === undefined
        ? `the function has no ${this.kind} BAR of this index`
        : `it has 0x${bar.length.toString(16)} bytes`;
    return new EfiError('EFI_UNSUPPORTED', `${what}: ${why}`);
  }
}
