import type { RamStorage } from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import { QemuError } from '../qemu-error.ts';
import { outCommand } from '../qtest/commands.ts';
import type { QtestLink } from '../qtest/qtest-link.ts';

// The firmware configuration device (QEMU, docs/specs/fw_cfg): all its numbers are big-endian.

/** The upper half of the address of a request; the lower one, behind it, starts it. */
const DMA_PORT = 0x514;
const CONTROL_ERROR = 1;
const CONTROL_READ = 2;
const CONTROL_SELECT = 8;
const REQUEST_SIZE = 16;

const DIRECTORY_KEY = 0x19;
const ENTRY_SIZE = 64;
const ENTRY_NAME = 8;

/** A file that QEMU keeps for the firmware. */
export interface FwCfgFile {
  readonly name: string;
  readonly key: number;
  /** In bytes. */
  readonly size: number;
}

/** Reads what QEMU keeps for the firmware, by DMA into guest RAM. */
export class FwCfg {
  readonly #link: QtestLink;
  readonly #ram: RamStorage;
  readonly #scratch: PhysicalAddress;

  /** @param scratch a page of RAM for requests */
  constructor(link: QtestLink, ram: RamStorage, scratch: PhysicalAddress) {
    this.#link = link;
    this.#ram = ram;
    this.#scratch = scratch;
  }

  /** The file of this name; `undefined` if there is none. */
  find(name: string): FwCfgFile | undefined {
    const [count] = this.#read(DIRECTORY_KEY, 4);
    const size = ENTRY_SIZE * (count?.getUint32(0) ?? 0);
    const [view, bytes] = this.#read(DIRECTORY_KEY, 4 + size);
    for (let at = 4; at < 4 + size; at += ENTRY_SIZE) {
      const [text] = new TextDecoder('latin1')
        .decode(bytes.subarray(at + ENTRY_NAME, at + ENTRY_SIZE))
        .split('\0');
      if (text === name) return { name, key: view.getUint16(at + 4), size: view.getUint32(at) };
    }
    return undefined;
  }

  /** Copies a file into RAM. @throws QemuError `refused` if QEMU cannot */
  load({ name, key, size }: FwCfgFile, address: PhysicalAddress): void {
    if (!this.#transfer(key, address, size)) {
      throw new QemuError('refused', `QEMU does not deliver its file ${name}`);
    }
  }

  #read(key: number, length: number): readonly [DataView, Uint8Array] {
    const target = this.#scratch + REQUEST_SIZE;
    const bytes = new Uint8Array(length);
    if (!this.#transfer(key, target, length)) {
      throw new QemuError(
        'refused',
        'QEMU has no list of the files that it keeps for the firmware',
      );
    }
    this.#ram.readBytes(target, bytes);
    return [new DataView(bytes.buffer), bytes];
  }

  /** @returns whether it succeeded; QEMU is done when it takes the second half of the address */
  #transfer(key: number, address: PhysicalAddress, length: number): boolean {
    const request = new Uint8Array(REQUEST_SIZE);
    const view = new DataView(request.buffer);
    view.setUint32(0, key * 0x1_0000 + CONTROL_SELECT + CONTROL_READ);
    view.setUint32(4, length);
    view.setBigUint64(8, BigInt(address));
    this.#ram.writeBytes(this.#scratch, request);
    this.#link.post(outCommand(DMA_PORT, 4, 0));
    this.#link.post(outCommand(DMA_PORT + 4, 4, bigEndian(this.#scratch)));
    this.#link.settle();
    this.#ram.readBytes(this.#scratch, request);
    return (view.getUint32(0) & CONTROL_ERROR) === 0;
  }
}

/** A number of 32 bits whose bytes on a little-endian bus are in the other order. */
function bigEndian(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return view.getUint32(0);
}
