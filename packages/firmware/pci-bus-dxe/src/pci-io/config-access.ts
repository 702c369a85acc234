import { PCI_CONFIG_SPACE_SIZE, PCI_EXPRESS_CONFIG_SPACE_SIZE, pciTransfer } from '@dxelab/pci';
import type { EfiPciIoConfigAccess } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { FunctionConfig } from '../enumeration/function-config.ts';

/** Pci of EFI_PCI_IO_PROTOCOL (UEFI §14.4). PciIo.c: PciIoConfigRead, PciIoConfigWrite. */
export class ConfigAccess implements EfiPciIoConfigAccess {
  readonly #config: FunctionConfig;
  readonly #size: number;

  /** @param express whether the function has the extended configuration space */
  constructor(config: FunctionConfig, express: boolean) {
    this.#config = config;
    this.#size = express ? PCI_EXPRESS_CONFIG_SPACE_SIZE : PCI_CONFIG_SPACE_SIZE;
  }

  read(width: 0 | 1 | 2, offset: number): number {
    this.#check(offset, 1 << width);
    return this.#config.read(width, offset);
  }

  write(width: 0 | 1 | 2, offset: number, value: number): void {
    this.#check(offset, 1 << width);
    this.#config.write(width, offset, value);
  }

  readBuffer(width: number, offset: number, count: number, buffer: Uint8Array): void {
    this.#check(offset, pciTransfer(width, count, buffer).length);
    const { rootBridgeIo } = this.#config;
    rootBridgeIo.pci.readBuffer(width, this.#config.address(offset), count, buffer);
  }

  writeBuffer(width: number, offset: number, count: number, buffer: Uint8Array): void {
    this.#check(offset, pciTransfer(width, count, buffer).length);
    const { rootBridgeIo } = this.#config;
    rootBridgeIo.pci.writeBuffer(width, this.#config.address(offset), count, buffer);
  }

  #check(offset: number, length: number): void {
    if (offset >= 0 && offset + length <= this.#size) return;
    throw new EfiError(
      'EFI_UNSUPPORTED',
      `configuration space has 0x${this.#size.toString(16)} bytes: ` +
        `no ${length} bytes at 0x${offset.toString(16)}`,
    );
  }
}
