import { MachineSetupError } from '@dxelab/emulated-machine';
import type { MachineBus } from '@dxelab/emulated-machine';
import { HEADER_TYPE_MULTI_FUNCTION, PCI_HEADER_TYPE_OFFSET } from '@dxelab/pci';
import type { PciFunction } from './pci-function.ts';
import { devfnOf, formatPciSlot, parsePciSlot } from './pci-slot.ts';
import type { PciUpstream } from './pci-upstream.ts';

/** The functions on one bus: 32 devices of up to 8 functions. */
export class PciBus {
  /** As messages call it. */
  readonly #name: string;
  readonly #functions = new Map<number, PciFunction>();

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Puts a function into a slot.
   * @param slot such as `02.0`
   * @throws MachineSetupError if the slot is taken, or is none
   */
  plug(slot: string, func: PciFunction): void {
    const place = parsePciSlot(slot);
    const devfn = devfnOf(place);
    const holder = this.#functions.get(devfn);
    if (holder !== undefined) {
      throw new MachineSetupError(
        `slot ${formatPciSlot(place)} of ${this.#name} is taken by ${holder.name}: ${func.name} needs another`,
      );
    }
    this.#functions.set(devfn, func);
  }

  /** The function in a slot, if there is one. */
  at(devfn: number): PciFunction | undefined {
    return this.#functions.get(devfn);
  }

  /**
   * Finds the function that a configuration transaction is for: here, or behind one of our bridges.
   * @param number the number of this bus
   */
  route(number: number, bus: number, devfn: number): PciFunction | undefined {
    if (bus === number) return this.#functions.get(devfn);
    for (const func of this.#functions.values()) {
      const found = func.routeBehind(bus, devfn);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * Attaches all functions to a machine.
   * @throws MachineSetupError if a device has no function 0: nobody would look for its others
   */
  attach(bus: MachineBus, upstream: PciUpstream): void {
    for (const devfn of this.#functions.keys()) {
      if (devfn % 8 === 0) continue;
      const slot = { device: devfn >>> 3, function: 0 };
      const first = this.#functions.get(devfnOf(slot));
      if (first === undefined) {
        throw new MachineSetupError(
          `slot ${formatPciSlot(slot)} of ${this.#name}: function 0 is missing`,
        );
      }
      const type = first.config.get(PCI_HEADER_TYPE_OFFSET, 1);
      first.config.set(PCI_HEADER_TYPE_OFFSET, 1, type | HEADER_TYPE_MULTI_FUNCTION);
    }
    for (const func of this.#functions.values()) func.attach(bus, upstream);
  }

  /** Something above has changed what passes. */
  remap(): void {
    for (const func of this.#functions.values()) func.remap();
  }

  reset(): void {
    for (const func of this.#functions.values()) func.reset();
  }
}
