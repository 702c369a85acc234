import type { AccessWidth, RegionHandler } from '@dxelab/emulated-machine';
import { EFI_PCI_CAPABILITY_ID_MSIX } from '@dxelab/pci';
import type { PciCapability } from './pci-capability.ts';

/** Bits of Message Control, counted within its upper byte (PCI Local Bus 3.0 §6.8.2.3). */
const ENABLE = 0x80;
const FUNCTION_MASK = 0x40;

const ENTRY_SIZE = 16;
/** Dwords of a table entry (§6.8.2.6 to §6.8.2.9). */
const ADDRESS_LOW = 0;
const ADDRESS_HIGH = 1;
const DATA = 2;
const VECTOR_CONTROL = 3;
const MASKED = 1;

/** Offset of the pending bits in the BAR: right behind the largest table that fits. */
export const MSIX_PBA_OFFSET = 0x800;
/** How much of a BAR table and pending bits take. */
export const MSIX_BAR_SIZE = 0x1000;
export const MSIX_MAX_VECTORS: number = MSIX_PBA_OFFSET / ENTRY_SIZE;

/** MSI-X of one function: its table and pending bits, which answer in a BAR, and its capability. */
export class Msix implements RegionHandler {
  readonly capability: PciCapability;
  readonly vectors: number;
  readonly #send: (address: number, data: number) => void;
  readonly #table: Uint32Array;
  readonly #pending: Uint32Array;
  #enabled = false;
  #masked = false;

  /** @param send delivers a message: a write of 32 bits */
  constructor(bar: number, vectors: number, send: (address: number, data: number) => void) {
    this.vectors = vectors;
    this.#send = send;
    this.#table = new Uint32Array((vectors * ENTRY_SIZE) / 4);
    this.#pending = new Uint32Array(MSIX_BAR_SIZE - MSIX_PBA_OFFSET).subarray(
      0,
      2 * Math.ceil(vectors / 64),
    );
    const body = new Uint8Array(10);
    const view = new DataView(body.buffer);
    view.setUint16(0, vectors - 1, true);
    view.setUint32(2, bar, true);
    view.setUint32(6, MSIX_PBA_OFFSET | bar, true);
    const writable = new Uint8Array(10);
    writable[1] = ENABLE | FUNCTION_MASK;
    this.capability = { id: EFI_PCI_CAPABILITY_ID_MSIX, body, writable };
    this.reset();
  }

  /** Whether the driver has chosen MSI-X in place of the line. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Every vector masked, nothing pending, switched off. */
  reset(): void {
    this.#table.fill(0);
    for (let vector = 0; vector < this.vectors; vector++) {
      this.#table[4 * vector + VECTOR_CONTROL] = MASKED;
    }
    this.#pending.fill(0);
    this.setControl(0);
  }

  /** Takes over the upper byte of Message Control. */
  setControl(value: number): void {
    this.#enabled = (value & ENABLE) !== 0;
    this.#masked = (value & FUNCTION_MASK) !== 0;
    this.#deliverPending();
  }

  /** Sends the message of a vector, or keeps it pending while that is masked. */
  signal(vector: number): void {
    if (!this.#enabled || vector >= this.vectors) return;
    if (this.#masked || (this.#entry(vector, VECTOR_CONTROL) & MASKED) !== 0) {
      this.#setPending(vector, true);
    } else {
      this.#deliver(vector);
    }
  }

  read(offset: number, width: AccessWidth): number {
    const dword = offset & ~3;
    const word =
      dword < MSIX_PBA_OFFSET
        ? this.#table[dword / 4]
        : this.#pending[(dword - MSIX_PBA_OFFSET) / 4];
    return width === 4 ? (word ?? 0) : (word ?? 0) >>> (8 * (offset & 3));
  }

  /** Only whole dwords can be written (§6.8.2); the pending bits cannot at all. */
  write(offset: number, width: AccessWidth, value: number): void {
    if (width !== 4 || offset / 4 >= this.#table.length) return;
    this.#table[offset / 4] = (offset / 4) % 4 === VECTOR_CONTROL ? value & MASKED : value;
    this.#deliverPending();
  }

  #deliverPending(): void {
    if (!this.#enabled || this.#masked || this.#pending.every((bits) => bits === 0)) return;
    for (let vector = 0; vector < this.vectors; vector++) {
      const pending = ((this.#pending[vector >>> 5] ?? 0) >>> (vector & 31)) & 1;
      if (pending === 0 || (this.#entry(vector, VECTOR_CONTROL) & MASKED) !== 0) continue;
      this.#setPending(vector, false);
      this.#deliver(vector);
    }
  }

  #deliver(vector: number): void {
    const high = this.#entry(vector, ADDRESS_HIGH);
    const address = high * 0x1_0000_0000 + this.#entry(vector, ADDRESS_LOW);
    this.#send(address, this.#entry(vector, DATA));
  }

  #entry(vector: number, dword: number): number {
    return this.#table[4 * vector + dword] ?? 0;
  }

  #setPending(vector: number, pending: boolean): void {
    const bit = 1 << (vector & 31);
    const bits = this.#pending[vector >>> 5] ?? 0;
    this.#pending[vector >>> 5] = pending ? bits | bit : bits & ~bit;
  }
}
