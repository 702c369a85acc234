import {
  PRIVATE_MEMORY,
  PRIVATE_MEMORY_DONE,
  PRIVATE_MEMORY_MAKE_PRIVATE,
  PRIVATE_MEMORY_REFUSED,
  PRIVATE_MEMORY_SHARE,
  uint64,
} from '@dxelab/platform';
import type { MachineFinding } from '../machine-finding.ts';
import type { AccessWidth, RegionHandler } from '../region.ts';
import type { SharedPages } from './shared-pages.ts';

/** Where the registers are, and how many bytes they take. */
export const PRIVATE_MEMORY_REGISTERS = 0xfeb1_0000;
export const PRIVATE_MEMORY_SIZE = 0x1000;

/** The registers by which the CPU shares pages with devices; see `PRIVATE_MEMORY`. */
export class PrivateMemoryRegisters implements RegionHandler {
  readonly #pages: SharedPages;
  readonly #report: (finding: MachineFinding) => void;
  /** What was written, by offset. */
  readonly #values = new Uint32Array(PRIVATE_MEMORY.command / 4);
  #result = PRIVATE_MEMORY_DONE;

  constructor(pages: SharedPages, report: (finding: MachineFinding) => void) {
    this.#pages = pages;
    this.#report = report;
  }

  read(offset: number, width: AccessWidth): number {
    if (width !== 4 || offset > PRIVATE_MEMORY.command) return this.#noRegister(offset, width);
    return offset === PRIVATE_MEMORY.command ? this.#result : (this.#values[offset / 4] ?? 0);
  }

  write(offset: number, width: AccessWidth, value: number): void {
    if (width !== 4 || offset > PRIVATE_MEMORY.command) this.#noRegister(offset, width);
    else if (offset === PRIVATE_MEMORY.command) this.#execute(value);
    else this.#values[offset / 4] = value;
  }

  reset(): void {
    this.#values.fill(0);
    this.#result = PRIVATE_MEMORY_DONE;
    this.#pages.reset();
  }

  #execute(command: number): void {
    const known = command === PRIVATE_MEMORY_SHARE || command === PRIVATE_MEMORY_MAKE_PRIVATE;
    const [low = 0, high = 0, pages = 0] = this.#values;
    const address = uint64(low, high);
    const done = known && this.#pages.change(address, pages, command === PRIVATE_MEMORY_SHARE);
    this.#result = done ? PRIVATE_MEMORY_DONE : PRIVATE_MEMORY_REFUSED;
    if (done) return;
    this.#say(`command ${command} for ${pages} pages at 0x${address.toString(16)} was refused`, {
      command,
      pages,
      address,
    });
  }

  #noRegister(offset: number, width: number): number {
    this.#say(`no register of ${width} bytes is at 0x${offset.toString(16)}`, { offset, width });
    return 0;
  }

  #say(message: string, fields: Readonly<Record<string, number>>): void {
    this.#report({ rule: 'machine private-memory', device: 'private-memory', message, fields });
  }
}
