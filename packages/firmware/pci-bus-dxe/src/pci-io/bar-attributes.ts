import type { EfiPciResource } from '@dxelab/uefi';
import {
  EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED,
  EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE,
  EfiError,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { PciBar } from '../enumeration/pci-bar.ts';
import type { PciIoDevice } from '../enumeration/pci-io-device.ts';

/** What a BAR may have by itself. */
const OF_A_BAR = EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED | EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE;

/**
 * GetBarAttributes and SetBarAttributes of EFI_PCI_IO_PROTOCOL (UEFI §14.4). PciIo.c:
 * PciIoGetBarAttributes, PciIoSetBarAttributes.
 */
export class BarAttributes {
  readonly #device: PciIoDevice;
  readonly #supportsNothing: boolean;
  readonly #maximumIsAlignment: boolean;

  constructor(device: PciIoDevice, quirks: Quirks) {
    this.#device = device;
    this.#supportsNothing = quirks.has('PciBusDxe.BarSupportsNothing');
    this.#maximumIsAlignment = quirks.has('PciBusDxe.AddressRangeMaximumIsAlignment');
  }

  get(barIndex: number): { readonly supports: number; readonly resource: EfiPciResource } {
    const bar = this.#bar(barIndex);
    const supports = this.#supportsNothing ? 0 : this.#device.attributes.supports & OF_A_BAR;
    const memory = bar.type !== 'io';
    const resource: EfiPciResource = {
      type: memory ? 'memory' : 'io',
      granularity: bar.type === 'mem64' || bar.type === 'pmem64' ? 64 : 32,
      prefetchable: bar.type === 'pmem32' || bar.type === 'pmem64',
      base: bar.base,
      length: bar.length,
    };
    if (!this.#maximumIsAlignment) return { supports, resource };
    // EDK II keeps an alignment as the mask of the bits that must be 0.
    return { supports, resource: { ...resource, addressRangeMaximum: bar.alignment - 1 } };
  }

  /** There is never anything to set: no root bridge caches or combines writes. */
  set(attributes: number, barIndex: number, offset: number, length: number): void {
    const { supports, resource } = this.get(barIndex);
    const refused = attributes & ~supports;
    if (refused !== 0 || !(offset >= 0 && length >= 0 && offset + length <= resource.length)) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `BAR ${barIndex} supports attributes 0x${supports.toString(16)} within its ` +
          `0x${resource.length.toString(16)} bytes, not 0x${attributes.toString(16)} for ` +
          `${length} bytes at 0x${offset.toString(16)}`,
      );
    }
  }

  #bar(barIndex: number): PciBar & { readonly base: number } {
    const bar = this.#device.bars[barIndex];
    if (bar?.base !== undefined) return { ...bar, base: bar.base };
    throw new EfiError('EFI_UNSUPPORTED', `the function has no BAR ${barIndex} with an address`);
  }
}
