import type { AddressSpace } from '@dxelab/platform';
import {
  PRIVATE_MEMORY,
  PRIVATE_MEMORY_DONE,
  PRIVATE_MEMORY_MAKE_PRIVATE,
  PRIVATE_MEMORY_SHARE,
  upperHalf,
} from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';

/** The registers that share pages: what MemEncryptSevLib's and MemEncryptTdxLib's page tables are to OVMF. */
export class PageSharing {
  readonly #mmio: AddressSpace;
  readonly #registers: PhysicalAddress;

  constructor(mmio: AddressSpace, registers: PhysicalAddress) {
    this.#mmio = mmio;
    this.#registers = registers;
  }

  /** Lets devices reach pages, whose content is lost. @throws EFI_DEVICE_ERROR if that was refused */
  share(address: PhysicalAddress, pages: number): void {
    this.#command(PRIVATE_MEMORY_SHARE, address, pages);
  }

  /** Takes pages back from devices; the content is lost. @throws EFI_DEVICE_ERROR if that was refused */
  makePrivate(address: PhysicalAddress, pages: number): void {
    this.#command(PRIVATE_MEMORY_MAKE_PRIVATE, address, pages);
  }

  #command(command: number, address: PhysicalAddress, pages: number): void {
    const mmio = this.#mmio;
    const registers = this.#registers;
    mmio.write32(registers + PRIVATE_MEMORY.addressLow, address >>> 0);
    mmio.write32(registers + PRIVATE_MEMORY.addressHigh, upperHalf(address));
    mmio.write32(registers + PRIVATE_MEMORY.pages, pages);
    mmio.write32(registers + PRIVATE_MEMORY.command, command);
    const result = mmio.read32(registers + PRIVATE_MEMORY.command);
    if (result === PRIVATE_MEMORY_DONE) return;
    throw new EfiError(
      'EFI_DEVICE_ERROR',
      `command ${command} for ${pages} pages at 0x${address.toString(16)} was refused (${result})`,
    );
  }
}
