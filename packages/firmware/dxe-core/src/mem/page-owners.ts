import type { PhysicalAddress } from '@dxelab/uefi';
import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { HeldMemory } from './held-memory.ts';

/** Pages of 256 MiB. */
const CHUNK = 0x10000;
/** On the first page of an allocation: two of one image stay two. */
const BEGINS = 0x8000;

/**
 * Whose each page is, as a report of leaks wants to know it. A number for each page, and no object for
 * each allocation: what it costs does not grow with how many there are.
 */
export class PageOwners {
  readonly #images: string[] = [''];
  readonly #numbers = new Map<string, number>();
  /** By the number of the chunk, made when the first page of it is allocated. */
  readonly #chunks = new Map<number, Uint16Array>();

  allocated(image: string, address: PhysicalAddress, pages: number): void {
    const first = address / EFI_PAGE_SIZE;
    const owner = this.#numberOf(image);
    this.#fill(first, pages, owner);
    this.#fill(first, 1, owner | BEGINS);
  }

  freed(address: PhysicalAddress, pages: number): void {
    this.#fill(address / EFI_PAGE_SIZE, pages, 0);
  }

  /** In ascending order. */
  held(): readonly HeldMemory[] {
    const found: { image: string; address: PhysicalAddress; length: number }[] = [];
    const numbers = [...this.#chunks.keys()].toSorted((a, b) => a - b);
    for (const number of numbers) {
      for (const [index, value] of this.#chunks.get(number)?.entries() ?? []) {
        if (value === 0) continue;
        const address = (number * CHUNK + index) * EFI_PAGE_SIZE;
        const image = this.#images[value & ~BEGINS] ?? '';
        const last = found.at(-1);
        const goesOn = last?.image === image && last.address + last.length === address;
        if (goesOn && (value & BEGINS) === 0) last.length += EFI_PAGE_SIZE;
        else found.push({ image, address, length: EFI_PAGE_SIZE });
      }
    }
    return found;
  }

  #fill(first: number, pages: number, value: number): void {
    for (let page = first, end = first + pages; page < end;) {
      const number = Math.floor(page / CHUNK);
      const begin = page - number * CHUNK;
      const count = Math.min(CHUNK - begin, end - page);
      const chunk = this.#chunks.get(number) ?? this.#newChunk(number);
      if (count === 1) chunk[begin] = value;
      else chunk.fill(value, begin, begin + count);
      page += count;
    }
  }

  #newChunk(number: number): Uint16Array {
    const chunk = new Uint16Array(CHUNK);
    this.#chunks.set(number, chunk);
    return chunk;
  }

  #numberOf(image: string): number {
    const known = this.#numbers.get(image);
    if (known !== undefined) return known;
    const number = this.#images.push(image) - 1;
    this.#numbers.set(image, number);
    return number;
  }
}
