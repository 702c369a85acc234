import type { AccessWidth } from '@dxelab/emulated-machine';
import type { Tracer } from '@dxelab/platform';
import type { PciBus } from './pci-bus.ts';
import type { ConfigAccess } from './trace-events.ts';

/** Brings configuration transactions to their function, whichever mechanism they came by. */
export class ConfigRouter {
  readonly #root: PciBus;
  readonly #trace: Tracer | undefined;

  constructor(root: PciBus, trace: Tracer | undefined) {
    this.#root = root;
    this.#trace = trace;
  }

  /** Reads a register; a function that is not there reads as all-ones. */
  read(bus: number, devfn: number, offset: number, width: AccessWidth): number {
    const func = this.#root.route(0, bus, devfn);
    if (func === undefined) return 2 ** (8 * width) - 1;
    const value = func.readConfig(offset, width);
    this.#trace?.('pci_cfg_read', access(func.name, bus, devfn, offset, width, value));
    return value;
  }

  write(bus: number, devfn: number, offset: number, width: AccessWidth, value: number): void {
    const func = this.#root.route(0, bus, devfn);
    if (func === undefined) return;
    this.#trace?.('pci_cfg_write', access(func.name, bus, devfn, offset, width, value));
    func.writeConfig(offset, width, value);
  }
}

function access(
  device: string,
  bus: number,
  devfn: number,
  offset: number,
  size: number,
  value: number,
): ConfigAccess {
  return { device, bus, slot: devfn >>> 3, function: devfn & 7, offset, size, value };
}
