import { PCI_CONFIG_SPACE_SIZE } from '@dxelab/pci';
import type { AccessWidth } from '@dxelab/emulated-machine';

/**
 * The configuration space of one function: its bytes, and which bits of them software can write. The
 * device's own side uses `get` and `set`, which know no masks.
 */
export class ConfigSpace {
  /** 256 bytes, or 4096 for PCI Express. */
  readonly size: number;
  readonly #view: DataView;
  readonly #writable: DataView;

  constructor(size: number = PCI_CONFIG_SPACE_SIZE) {
    this.size = size;
    this.#view = new DataView(new ArrayBuffer(size));
    this.#writable = new DataView(new ArrayBuffer(size));
  }

  /** Software reads; beyond the end there is nothing, and nothing reads as all-ones. */
  read(offset: number, width: AccessWidth): number {
    if (offset + width > this.size) return 2 ** (8 * width) - 1;
    return this.get(offset, width);
  }

  /** Software writes: only the writable bits change. */
  write(offset: number, width: AccessWidth, value: number): void {
    if (offset + width > this.size) return;
    for (let index = 0; index < width; index++) {
      const mask = this.#writable.getUint8(offset + index);
      const kept = this.#view.getUint8(offset + index) & ~mask;
      this.#view.setUint8(offset + index, kept | ((value >>> (8 * index)) & mask));
    }
  }

  get(offset: number, width: AccessWidth): number {
    if (width === 1) return this.#view.getUint8(offset);
    if (width === 2) return this.#view.getUint16(offset, true);
    return this.#view.getUint32(offset, true);
  }

  set(offset: number, width: AccessWidth, value: number): void {
    put(this.#view, offset, width, value);
  }

  /** Clears what software can write, as a reset does. */
  reset(): void {
    for (let offset = 0; offset < this.size; offset++) {
      const mask = this.#writable.getUint8(offset);
      if (mask !== 0) this.#view.setUint8(offset, this.#view.getUint8(offset) & ~mask);
    }
  }

  /** Says which bits of a register software can write. */
  setWritable(offset: number, width: AccessWidth, mask: number): void {
    put(this.#writable, offset, width, mask);
  }
}

function put(view: DataView, offset: number, width: AccessWidth, value: number): void {
  if (width === 1) view.setUint8(offset, value);
  else if (width === 2) view.setUint16(offset, value, true);
  else view.setUint32(offset, value, true);
}
