import {
  PCI_BRIDGE_CONTROL_ISA,
  PCI_BRIDGE_CONTROL_REGISTER_OFFSET,
  PCI_BRIDGE_CONTROL_VGA,
  PCI_BRIDGE_CONTROL_VGA_16,
  PCI_COMMAND_BUS_MASTER,
  PCI_COMMAND_IO_SPACE,
  PCI_COMMAND_MEMORY_SPACE,
  PCI_COMMAND_OFFSET,
  PCI_COMMAND_VGA_PALETTE_SNOOP,
} from '@dxelab/pci';
import {
  EFI_PCI_IO_ATTRIBUTE_BUS_MASTER,
  EFI_PCI_IO_ATTRIBUTE_IO,
  EFI_PCI_IO_ATTRIBUTE_ISA_IO,
  EFI_PCI_IO_ATTRIBUTE_ISA_IO_16,
  EFI_PCI_IO_ATTRIBUTE_MEMORY,
  EFI_PCI_IO_ATTRIBUTE_VGA_IO,
  EFI_PCI_IO_ATTRIBUTE_VGA_IO_16,
  EFI_PCI_IO_ATTRIBUTE_VGA_MEMORY,
  EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO,
  EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO_16,
} from '@dxelab/uefi';
import type { TplServices } from '../enumeration/at-high-level.ts';
import { answerTo, atHighLevel } from '../enumeration/at-high-level.ts';
import type { FunctionConfig } from '../enumeration/function-config.ts';

/** Attributes, and the register bits that any of them sets. */
interface AttributeBits {
  readonly attributes: number;
  readonly bits: number;
}

/** A 16-bit register whose bits are attributes (PciEnumeratorSupport.c: PciSetDeviceAttribute). */
export class AttributeRegister {
  readonly #offset: number;
  readonly #rows: readonly AttributeBits[];

  constructor(offset: number, rows: readonly AttributeBits[]) {
    this.#offset = offset;
    this.#rows = rows;
  }

  /** The attributes whose bits stick when they are written. PciTestSupportedAttribute. */
  probe(bs: TplServices, config: FunctionConfig): number {
    const tested = this.#rows.reduce((all, { bits }) => all | bits, 0);
    return atHighLevel(bs, () => this.#attributesOf(answerTo(config, 1, this.#offset, tested)));
  }

  /** The attributes that are enabled now. */
  current(config: FunctionConfig): number {
    return this.#attributesOf(config.read(1, this.#offset));
  }

  enable(config: FunctionConfig, attributes: number): void {
    const bits = this.#bitsOf(attributes);
    if (bits === 0) return;
    config.write(1, this.#offset, config.read(1, this.#offset) | bits);
  }

  disable(config: FunctionConfig, attributes: number): void {
    const bits = this.#bitsOf(attributes);
    if (bits === 0) return;
    config.write(1, this.#offset, config.read(1, this.#offset) & ~bits);
  }

  #attributesOf(value: number): number {
    const set = this.#rows.filter(({ bits }) => (value & bits) === bits);
    return set.reduce((all, { attributes }) => all | attributes, 0);
  }

  #bitsOf(wanted: number): number {
    const rows = this.#rows.filter(({ attributes }) => (wanted & attributes) !== 0);
    return rows.reduce((all, { bits }) => all | bits, 0);
  }
}

/** The command register, of every function. */
export const COMMAND_ATTRIBUTES: AttributeRegister = new AttributeRegister(PCI_COMMAND_OFFSET, [
  { attributes: EFI_PCI_IO_ATTRIBUTE_IO, bits: PCI_COMMAND_IO_SPACE },
  { attributes: EFI_PCI_IO_ATTRIBUTE_MEMORY, bits: PCI_COMMAND_MEMORY_SPACE },
  { attributes: EFI_PCI_IO_ATTRIBUTE_BUS_MASTER, bits: PCI_COMMAND_BUS_MASTER },
  {
    attributes: EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO | EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO_16,
    bits: PCI_COMMAND_VGA_PALETTE_SNOOP,
  },
]);

/** The bridge control register: the legacy ranges that a bridge forwards. */
export const BRIDGE_ATTRIBUTES: AttributeRegister = new AttributeRegister(
  PCI_BRIDGE_CONTROL_REGISTER_OFFSET,
  [
    {
      attributes: EFI_PCI_IO_ATTRIBUTE_ISA_IO | EFI_PCI_IO_ATTRIBUTE_ISA_IO_16,
      bits: PCI_BRIDGE_CONTROL_ISA,
    },
    {
      attributes: EFI_PCI_IO_ATTRIBUTE_VGA_IO | EFI_PCI_IO_ATTRIBUTE_VGA_MEMORY,
      bits: PCI_BRIDGE_CONTROL_VGA,
    },
    {
      attributes: EFI_PCI_IO_ATTRIBUTE_VGA_IO_16,
      bits: PCI_BRIDGE_CONTROL_VGA | PCI_BRIDGE_CONTROL_VGA_16,
    },
  ],
);
