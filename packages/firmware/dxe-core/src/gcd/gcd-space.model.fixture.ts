import type { EfiGcdAllocateType, EfiGcdMemoryType, EfiStatus } from '@dxelab/uefi';

/** What a cell is. */
export interface Cell {
  readonly type: EfiGcdMemoryType;
  readonly capabilities: bigint;
  readonly attributes: bigint;
  /** The number of who has it. */
  readonly owner: number | undefined;
}

const NOTHING: Cell = {
  type: 'EfiGcdMemoryTypeNonExistent',
  capabilities: 0n,
  attributes: 0n,
  owner: undefined,
};
const RUNTIME = 1n << 63n;
const UC = 1n;
const PAGE = 0x1000;

/** A memory space of which each byte is a cell, and nothing is clever. */
export class ModelSpace {
  /** By number, so that a byte is one. */
  readonly #kinds: Cell[] = [NOTHING];
  readonly #cells: Uint16Array;

  constructor(size: number) {
    this.#cells = new Uint16Array(size);
  }

  add(type: EfiGcdMemoryType, base: number, length: number, capabilities: bigint): EfiStatus {
    if (type === NOTHING.type) return 'EFI_INVALID_PARAMETER';
    return this.#change(base, length, (cell) => {
      if (cell.type !== NOTHING.type || cell.owner !== undefined) return 'EFI_ACCESS_DENIED';
      return { ...cell, type, capabilities: capabilities | RUNTIME };
    });
  }

  allocate(
    way: EfiGcdAllocateType,
    type: EfiGcdMemoryType,
    alignment: number,
    length: number,
    address: number,
    owner: number,
  ): EfiStatus | number {
    if (length === 0) return 'EFI_INVALID_PARAMETER';
    const base = this.#find(way, type, 2 ** alignment, length, address);
    if (base === undefined) return 'EFI_NOT_FOUND';
    this.#change(base, length, (cell) => ({ ...cell, owner }));
    return base;
  }

  free(base: number, length: number): EfiStatus {
    return this.#change(base, length, (cell) =>
      cell.owner === undefined ? 'EFI_NOT_FOUND' : { ...cell, owner: undefined },
    );
  }

  remove(base: number, length: number): EfiStatus {
    return this.#change(base, length, (cell) => {
      if (cell.type === NOTHING.type) return 'EFI_NOT_FOUND';
      if (cell.owner !== undefined) return 'EFI_ACCESS_DENIED';
      return { ...cell, type: NOTHING.type, capabilities: 0n };
    });
  }

  /** Of UC and RUNTIME only. */
  setAttributes(base: number, length: number, attributes: bigint): EfiStatus {
    const whole = base % PAGE === 0 && length % PAGE === 0;
    const unable = (attributes & UC) !== 0n && !whole;
    return this.#change(base, length, (cell) => {
      if ((attributes & RUNTIME) !== 0n && !whole) return 'EFI_INVALID_PARAMETER';
      if ((attributes & ~cell.capabilities) !== 0n || unable) return 'EFI_UNSUPPORTED';
      const keeps = attributes === RUNTIME;
      return { ...cell, attributes: keeps ? attributes | (cell.attributes & UC) : attributes };
    });
  }

  setCapabilities(base: number, length: number, capabilities: bigint): EfiStatus {
    const whole = base % PAGE === 0 && length % PAGE === 0;
    return this.#change(base, length, (cell) => {
      if (!whole) return 'EFI_INVALID_PARAMETER';
      if ((cell.attributes & ~capabilities) !== 0n) return 'EFI_UNSUPPORTED';
      return { ...cell, capabilities };
    });
  }

  /** Where cells begin that are not like the one before. */
  borders(): readonly (Cell & { readonly start: number })[] {
    const found: (Cell & { readonly start: number })[] = [];
    let previous = -1;
    for (let start = 0; start < this.#cells.length; start += 1) {
      const kind = this.#cells[start] ?? 0;
      if (kind !== previous) found.push({ start, ...this.#kind(kind) });
      previous = kind;
    }
    return found;
  }

  /** Tries each address. */
  #find(
    way: EfiGcdAllocateType,
    type: EfiGcdMemoryType,
    granule: number,
    length: number,
    address: number,
  ): number | undefined {
    const size = this.#cells.length;
    const usable = this.#kinds.map((kind) => kind.type === type && kind.owner === undefined);
    /** How many cells from here on can be used. */
    const run = new Uint32Array(size + 1);
    for (let at = size - 1; at >= 0; at -= 1) {
      run[at] = usable[this.#cells[at] ?? 0] === true ? (run[at + 1] ?? 0) + 1 : 0;
    }
    const limit = way.includes('MaxAddress') ? address : Infinity;
    const fits = (base: number): boolean =>
      base % granule === 0 && (run[base] ?? 0) >= length && base + length - 1 <= limit;
    if (way === 'EfiGcdAllocateAddress') return fits(address) ? address : undefined;
    const fromTop = way.endsWith('TopDown');
    for (let tried = 0; tried < size; tried += 1) {
      const base = fromTop ? size - 1 - tried : tried;
      if (fits(base)) return base;
    }
    return undefined;
  }

  /** The first cell that refuses decides. */
  #change(base: number, length: number, change: (cell: Cell) => Cell | EfiStatus): EfiStatus {
    if (length === 0) return 'EFI_INVALID_PARAMETER';
    if (base + length > this.#cells.length) return 'EFI_UNSUPPORTED';
    const becomes = new Map<number, number>();
    const changed = this.#cells.slice(base, base + length);
    for (const [at, kind] of changed.entries()) {
      const known = becomes.get(kind);
      const next = known === undefined ? change(this.#kind(kind)) : undefined;
      if (typeof next === 'string' || typeof next === 'number') return next;
      const number = known ?? this.#numberOf(next ?? NOTHING);
      becomes.set(kind, number);
      changed[at] = number;
    }
    this.#cells.set(changed, base);
    return 'EFI_SUCCESS';
  }

  #kind(number: number): Cell {
    return this.#kinds[number] ?? NOTHING;
  }

  #numberOf(cell: Cell): number {
    const known = this.#kinds.findIndex((one) => isAlike(one, cell));
    return known < 0 ? this.#kinds.push(cell) - 1 : known;
  }
}

function isAlike(a: Cell, b: Cell): boolean {
  return (
    a.type === b.type &&
    a.owner === b.owner &&
    a.attributes === b.attributes &&
    a.capabilities === b.capabilities
  );
}
