import { EfiError, EfiPciWidthMaximum } from '@dxelab/uefi';

/** What a width, a count and a buffer come to, in bytes: how the two sides of a transfer walk. */
export interface PciTransfer {
  /** Of one access: 1, 2, 4 or 8. */
  readonly size: number;
  readonly count: number;
  /** From one access to the next; 0 for a FIFO. */
  readonly addressStride: number;
  /** From one value to the next in the buffer; 0 for a fill. */
  readonly bufferStride: number;
  /** How much of the address space is touched. */
  readonly length: number;
}

/** The bits of a width (EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL_WIDTH) that say which side stands still. */
const FIFO = 4;
const FILL = 8;
/** The bits that give the size of one access as a power of two. */
const SIZE = 3;

/**
 * Checks the arguments of a transfer through a buffer (UEFI §14.2, §14.4): widths 0 to 3 walk on both
 * sides, 4 to 7 keep the address (FIFO), 8 to 11 keep the place in the buffer (fill).
 * @throws EFI_INVALID_PARAMETER for a width or a count that there is not, or a buffer that is too short
 */
export function pciTransfer(width: number, count: number, buffer: Uint8Array): PciTransfer {
  if (!Number.isInteger(width) || width < 0 || width >= EfiPciWidthMaximum) {
    throw new EfiError('EFI_INVALID_PARAMETER', `a width is 0 to 11, not ${width}`);
  }
  const size = 1 << (width & SIZE);
  const addressStride = (width & FIFO) === 0 ? size : 0;
  const bufferStride = (width & FILL) === 0 ? size : 0;
  if (!Number.isInteger(count) || count < 0 || !Number.isSafeInteger(count * size)) {
    throw new EfiError('EFI_INVALID_PARAMETER', `a transfer of ${count} values is not possible`);
  }
  const needed = count === 0 ? 0 : (count - 1) * bufferStride + size;
  if (buffer.length < needed) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `${count} values of ${size} bytes need a buffer of ${needed} bytes, not ${buffer.length}`,
    );
  }
  const length = addressStride === 0 ? Math.min(count, 1) * size : count * size;
  return { size, count, addressStride, bufferStride, length };
}
