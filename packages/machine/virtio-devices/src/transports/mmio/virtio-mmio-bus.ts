import { MachineSetupError, Region } from '@dxelab/emulated-machine';
import type { Device, MachineBus } from '@dxelab/emulated-machine';
import { fdtCells, fdtDoubleCells, fdtNode, fdtStrings } from '@dxelab/fdt';
import type { FdtNode } from '@dxelab/fdt';
import type { VirtioMmioVersion } from './identity.ts';
import { Placeholder } from './placeholder.ts';
import { VIRTIO_MMIO_SIZE } from './virtio-mmio.ts';
import type { VirtioMmio } from './virtio-mmio.ts';

/** Where slots are, and what is in those that are empty. The defaults are those of QEMU's microvm. */
export interface VirtioMmioBusOptions {
  /** Default: 0xFEB00000. */
  readonly base?: number;
  /** Default: 24, 512 bytes each. */
  readonly slots?: number;
  /** What an empty slot says of its version. Default: 2. */
  readonly version?: VirtioMmioVersion;
  /** Whether the device tree names empty slots, too, as that of QEMU's aarch64 `virt`. Default: no. */
  readonly describeEmptySlots?: boolean;
}

const BASE = 0xfeb0_0000;
/** How many slots a bus has unless it is told otherwise. */
export const VIRTIO_MMIO_SLOTS = 24;
/** The interrupt line of slot 0; each slot has its own. */
const FIRST_LINE = 24;

/**
 * Slots for devices on MMIO, as boards have them at addresses that never change. It tells the firmware
 * of its devices in the machine's device tree (virtio §4.2.1).
 */
export class VirtioMmioBus implements Device {
  readonly name = 'virtio-mmio-bus';
  readonly #options: VirtioMmioBusOptions;
  readonly #base: number;
  readonly #slots: (VirtioMmio | undefined)[];

  constructor(options: VirtioMmioBusOptions = {}) {
    this.#options = options;
    this.#base = options.base ?? BASE;
    this.#slots = Array.from({ length: options.slots ?? VIRTIO_MMIO_SLOTS });
  }

  /** How many devices are plugged. */
  get devices(): number {
    return this.#slots.filter((transport) => transport !== undefined).length;
  }

  /**
   * Puts a device into a slot; without one, as QEMU does, into the last that is free.
   * @returns the slot
   * @throws MachineSetupError if the slot is taken, or none is left
   */
  plug(transport: VirtioMmio, slot: number = this.#slots.lastIndexOf(undefined)): number {
    if (!(slot in this.#slots) || this.#slots[slot] !== undefined) {
      const problem = slot < 0 ? 'no slot is free' : `slot ${slot} is taken or does not exist`;
      throw new MachineSetupError(`${transport.name}: ${problem}`);
    }
    this.#slots[slot] = transport;
    return slot;
  }

  /** Where the registers of a slot are. */
  addressOf(slot: number): number {
    return this.#base + slot * VIRTIO_MMIO_SIZE;
  }

  attach(bus: MachineBus): void {
    const { version = 2, describeEmptySlots = false } = this.#options;
    for (const [slot, transport] of this.#slots.entries()) {
      const base = this.addressOf(slot);
      if (transport === undefined) this.#attachPlaceholder(bus, base, version);
      else transport.attach(bus, base, FIRST_LINE + slot);
      if (transport !== undefined || describeEmptySlots) bus.hobs.addDeviceTreeNode(nodeAt(base));
    }
    bus.hobs.addResource({
      type: 'EFI_RESOURCE_MEMORY_MAPPED_IO',
      base: this.#base,
      length: this.#slots.length * VIRTIO_MMIO_SIZE,
    });
  }

  #attachPlaceholder(bus: MachineBus, base: number, version: VirtioMmioVersion): void {
    const placeholder = new Placeholder(version, (message, offset) =>
      bus.report({
        rule: 'virtio-1.4 4.2.3.1.1',
        device: this.name,
        message,
        fields: { address: base + offset },
      }),
    );
    bus.mmio.add(new Region('virtio-mmio slot', base, VIRTIO_MMIO_SIZE, placeholder));
  }
}

/** What a device tree says of one slot. No interrupt controller is modelled, so it has no `interrupts`. */
function nodeAt(base: number): FdtNode {
  return fdtNode(`virtio_mmio@${base.toString(16)}`, {
    compatible: fdtStrings('virtio,mmio'),
    reg: fdtDoubleCells(BigInt(base), BigInt(VIRTIO_MMIO_SIZE)),
    'dma-coherent': fdtCells(),
  });
}
