import {
  PCI_CLASSCODE_OFFSET,
  PCI_CLASS_DISPLAY_VGA,
  PCI_CLASS_MASS_STORAGE_IDE,
} from '@dxelab/pci';

import {
  EFI_PCI_DEVICE_ENABLE,
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_IO_ATTRIBUTE_EMBEDDED_DEVICE,
  EFI_PCI_IO_ATTRIBUTE_EMBEDDED_ROM,
  EFI_PCI_IO_ATTRIBUTE_IDE_PRIMARY_IO,
  EFI_PCI_IO_ATTRIBUTE_IDE_SECONDARY_IO,
  EFI_PCI_IO_ATTRIBUTE_IO,
  EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED,
  EFI_PCI_IO_ATTRIBUTE_MEMORY_DISABLE,
  EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE,
  EFI_PCI_IO_ATTRIBUTE_VGA_IO,
  EFI_PCI_IO_ATTRIBUTE_VGA_IO_16,
  EFI_PCI_IO_ATTRIBUTE_VGA_MEMORY,
  EfiError,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { FunctionConfig } from '../enumeration/function-config.ts';
import type { TplServices } from '../enumeration/at-high-level.ts';
import { BRIDGE_ATTRIBUTES, COMMAND_ATTRIBUTES } from './attribute-bits.ts';
import type { RootUpstream, Upstream } from './upstream.ts';

/** What every function has, as far as what is above it allows. */
const ALWAYS =
  EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE |
  EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED |
  EFI_PCI_IO_ATTRIBUTE_MEMORY_DISABLE |
  EFI_PCI_IO_ATTRIBUTE_EMBEDDED_DEVICE |
  EFI_PCI_IO_ATTRIBUTE_EMBEDDED_ROM |
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE;

const IDE = EFI_PCI_IO_ATTRIBUTE_IDE_PRIMARY_IO | EFI_PCI_IO_ATTRIBUTE_IDE_SECONDARY_IO;
const VGA =
  EFI_PCI_IO_ATTRIBUTE_VGA_MEMORY | EFI_PCI_IO_ATTRIBUTE_VGA_IO | EFI_PCI_IO_ATTRIBUTE_VGA_IO_16;
const BOTH_VGA_IO = EFI_PCI_IO_ATTRIBUTE_VGA_IO | EFI_PCI_IO_ATTRIBUTE_VGA_IO_16;

/**
 * The attributes of one function (UEFI §14.4, Attributes), kept in its registers as far as these have
 * bits for them. PciIo.c: PciIoAttributes; PciEnumeratorSupport.c: DetermineDeviceAttribute.
 */
export class FunctionAttributes implements Upstream {
  readonly supports: number;
  current: number;
  readonly #config: FunctionConfig;
  readonly #upstream: Upstream;
  readonly #isBridge: boolean;
  readonly #deviceEnableForgiven: boolean;

  constructor(
    bs: TplServices,
    config: FunctionConfig,
    isBridge: boolean,
    upstream: Upstream,
    quirks: Quirks,
  ) {
    this.#config = config;
    this.#isBridge = isBridge;
    this.#upstream = upstream;
    this.#deviceEnableForgiven = quirks.has('PciBusDxe.DeviceEnableForgiven');
    const own = probeSupports(bs, config, isBridge);
    this.supports = own & (upstream.supports | EFI_PCI_DEVICE_ENABLE);
    // No option ROM is modelled, so there is none that RomImage could show and the ROM BAR not.
    const inverted = quirks.has('PciBusDxe.EmbeddedRomInverted');
    const rom = inverted ? EFI_PCI_IO_ATTRIBUTE_EMBEDDED_ROM : 0;
    this.current = COMMAND_ATTRIBUTES.current(config) | rom;
  }

  get root(): RootUpstream {
    return this.#upstream.root;
  }

  /** Attributes(Set): these, and of those supported no others. @throws EFI_UNSUPPORTED */
  set(attributes: number): void {
    this.enable(attributes);
    this.disable(~attributes & this.supports);
  }

  /** Attributes(Enable). @throws EFI_UNSUPPORTED */
  enable(attributes: number): void {
    const wanted = this.#forgive(attributes);
    const refused = wanted & ~this.supports;
    if (refused !== 0 || attributes > 0xffffffff) {
      throw unsupported(
        `attributes 0x${attributes.toString(16)}: only 0x${this.supports.toString(16)} can be enabled`,
      );
    }
    const claimsVga = (wanted & VGA) !== 0 && !this.#isBridge;
    if (claimsVga) this.#rejectSecondVga();
    if ((wanted & BOTH_VGA_IO) === BOTH_VGA_IO) {
      throw unsupported('VGA I/O is decoded with 10 or with 16 address bits, not with both');
    }
    const above = wanted & ~EFI_PCI_DEVICE_ENABLE;
    if (above !== 0) this.#upstream.enable(above);
    COMMAND_ATTRIBUTES.enable(this.#config, wanted);
    if (this.#isBridge) BRIDGE_ATTRIBUTES.enable(this.#config, wanted);
    this.current |= wanted;
    if (claimsVga) this.root.vgaOwner = this;
  }

  /** Attributes(Disable): what is above may still be needed by others, and stays as it is. */
  disable(attributes: number): void {
    COMMAND_ATTRIBUTES.disable(this.#config, attributes);
    if (this.#isBridge) BRIDGE_ATTRIBUTES.disable(this.#config, attributes);
    this.current &= ~attributes;
    if ((this.current & VGA) === 0 && this.root.vgaOwner === this) this.root.vgaOwner = undefined;
  }

  #forgive(attributes: number): number {
    const all = (attributes & EFI_PCI_DEVICE_ENABLE) === EFI_PCI_DEVICE_ENABLE;
    if (!all || !this.#deviceEnableForgiven) return attributes;
    return attributes & (this.supports | ~EFI_PCI_DEVICE_ENABLE);
  }

  /** The legacy ranges of a VGA exist once. */
  #rejectSecondVga(): void {
    const owner = this.root.vgaOwner;
    if (owner === undefined || owner === this) return;
    throw unsupported('another function behind this root bridge is the VGA already');
  }
}

function probeSupports(bs: TplServices, config: FunctionConfig, isBridge: boolean): number {
  const command = COMMAND_ATTRIBUTES.probe(bs, config);
  if (isBridge) return ALWAYS | command | BRIDGE_ATTRIBUTES.probe(bs, config);
  if ((command & EFI_PCI_IO_ATTRIBUTE_IO) === 0) return ALWAYS | command;
  const classCode = config.read(1, PCI_CLASSCODE_OFFSET + 1);
  const ide = classCode === PCI_CLASS_MASS_STORAGE_IDE ? IDE : 0;
  const vga = classCode === PCI_CLASS_DISPLAY_VGA ? VGA : 0;
  return ALWAYS | command | ide | vga;
}

function unsupported(message: string): EfiError {
  return new EfiError('EFI_UNSUPPORTED', message);
}
