import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { EFI_PAGE_SIZE, EfiError } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { IoMmu } from './io-mmu.ts';
import { ioMmuQuirks } from './quirks.ts';

/** What a page holds when it has changed hands. */
export const LOST = 0xa5;
export const HIGH = 2 ** 32;
const PAGES = 16;

/** RAM whose pages are private, and lost when they change hands; pages are handed out from 0x4000 up. */
export class PrivateWorld {
  readonly ram: GuestRam = new GuestRam(
    new Cycles(() => {}),
    new LocalRam([
      { base: 0, bytes: new Uint8Array(PAGES * EFI_PAGE_SIZE).fill(0xee) },
      { base: HIGH, bytes: new Uint8Array(PAGES * EFI_PAGE_SIZE) },
    ]),
  );
  /** The shared pages. */
  readonly shared = new Set<number>();
  /** What each page that was made private held in its first byte just before. */
  readonly surrendered: number[] = [];
  readonly allocated = new Map<number, number>();
  readonly allocations: string[] = [];
  readonly messages: string[] = [];
  readonly ioMmu: IoMmu;
  /** Whether the registers refuse. */
  refuses = false;
  #next = 4 * EFI_PAGE_SIZE;

  constructor(profile: Profile = 'specification') {
    this.ioMmu = new IoMmu({
      bs: {
        allocatePages: (type, memoryType, pages, memory) =>
          this.#allocate(`${type} ${memoryType} ${pages} ${memory?.toString(16) ?? ''}`, pages),
        freePages: (address, pages) => this.#free(address, pages),
      },
      ram: this.ram,
      sharing: {
        share: (address, pages) => this.#change(address, pages, true),
        makePrivate: (address, pages) => this.#change(address, pages, false),
      },
      debug: { debug: (_level, message) => this.messages.push(message) },
      quirks: ioMmuQuirks(new Quirks(profile)),
    });
  }

  readonly bytes = (address: number, length: number): readonly number[] => {
    const target = new Uint8Array(length);
    this.ram.readBytes(address, target);
    return [...target];
  };

  /** Nothing translates between the device and RAM. */
  readonly deviceWrites = (address: number, ...values: readonly number[]): void => {
    this.ram.writeBytes(address, Uint8Array.from(values));
  };

  #allocate(call: string, pages: number): number {
    const address = this.#next;
    if (address + pages * EFI_PAGE_SIZE > PAGES * EFI_PAGE_SIZE) {
      throw new EfiError('EFI_OUT_OF_RESOURCES', 'no pages');
    }
    this.#next += pages * EFI_PAGE_SIZE;
    this.allocated.set(address, pages);
    this.allocations.push(call.trim());
    return address;
  }

  #free(address: number, pages: number): void {
    if (this.allocated.get(address) !== pages) throw new EfiError('EFI_NOT_FOUND', 'not allocated');
    this.allocated.delete(address);
  }

  #change(address: number, pages: number, share: boolean): void {
    if (this.refuses) throw new EfiError('EFI_DEVICE_ERROR', 'refused');
    for (let page = address; page < address + pages * EFI_PAGE_SIZE; page += EFI_PAGE_SIZE) {
      if (this.shared.has(page) === share) continue;
      if (share) this.shared.add(page);
      else {
        this.shared.delete(page);
        this.surrendered.push(this.ram.readUint8(page));
      }
      this.ram.fill(page, EFI_PAGE_SIZE, LOST);
    }
  }
}
