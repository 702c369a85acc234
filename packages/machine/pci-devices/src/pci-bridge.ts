import type { MachineBus } from '@dxelab/emulated-machine';
import {
  HEADER_TYPE_PCI_TO_PCI_BRIDGE,
  PCI_BRIDGE_CONTROL_REGISTER_OFFSET,
  PCI_BRIDGE_IO_BASE_OFFSET,
  PCI_BRIDGE_IO_LIMIT_OFFSET,
  PCI_BRIDGE_MEMORY_BASE_OFFSET,
  PCI_BRIDGE_MEMORY_LIMIT_OFFSET,
  PCI_BRIDGE_PREFETCH_BASE_OFFSET,
  PCI_BRIDGE_PREFETCH_BASE_UPPER_OFFSET,
  PCI_BRIDGE_PREFETCH_LIMIT_OFFSET,
  PCI_BRIDGE_PREFETCH_LIMIT_UPPER_OFFSET,
  PCI_BRIDGE_PRIMARY_BUS_REGISTER_OFFSET,
  PCI_BRIDGE_SECONDARY_BUS_REGISTER_OFFSET,
  PCI_BRIDGE_SUBORDINATE_BUS_REGISTER_OFFSET,
  PCI_COMMAND_BUS_MASTER,
  PCI_COMMAND_IO_SPACE,
  PCI_COMMAND_MEMORY_SPACE,
  PCI_COMMAND_OFFSET,
} from '@dxelab/pci';
import { bridgeWindows, intersect } from './bridge-window.ts';
import { PciBus } from './pci-bus.ts';
import { PciFunction } from './pci-function.ts';
import type { AddressRange, PciUpstream } from './pci-upstream.ts';

/** QEMU's generic bridge (docs/specs/pci-ids): Red Hat, Inc. */
const IDENTITY = { vendorId: 0x1b36, deviceId: 0x0001, classCode: 0x060400 };
/** The last digit of the prefetchable window's registers: addresses of 64 bits. */
const PREFETCH_64_BIT = 0x1;
const SECONDARY_BUS_RESET = 0x40;

/**
 * A PCI-to-PCI bridge (PCI-to-PCI Bridge Architecture 1.2). Configuration transactions pass by bus
 * number; I/O and memory pass if the bridge decodes them and a window holds them; functions behind it
 * are bus masters only if it is one. Not modelled: VGA and ISA forwarding, whose bits read as 0.
 */
export class PciBridge extends PciFunction implements PciUpstream {
  readonly #secondary: PciBus;

  constructor(name: string) {
    super({ name, ...IDENTITY }, HEADER_TYPE_PCI_TO_PCI_BRIDGE);
    this.#secondary = new PciBus(`the bus behind ${name}`);
    const { config } = this;
    config.setWritable(PCI_BRIDGE_PRIMARY_BUS_REGISTER_OFFSET, 1, 0xff);
    config.setWritable(PCI_BRIDGE_SECONDARY_BUS_REGISTER_OFFSET, 1, 0xff);
    config.setWritable(PCI_BRIDGE_SUBORDINATE_BUS_REGISTER_OFFSET, 1, 0xff);
    config.setWritable(PCI_BRIDGE_IO_BASE_OFFSET, 1, 0xf0);
    config.setWritable(PCI_BRIDGE_IO_LIMIT_OFFSET, 1, 0xf0);
    config.setWritable(PCI_BRIDGE_MEMORY_BASE_OFFSET, 2, 0xfff0);
    config.setWritable(PCI_BRIDGE_MEMORY_LIMIT_OFFSET, 2, 0xfff0);
    config.set(PCI_BRIDGE_PREFETCH_BASE_OFFSET, 2, PREFETCH_64_BIT);
    config.set(PCI_BRIDGE_PREFETCH_LIMIT_OFFSET, 2, PREFETCH_64_BIT);
    config.setWritable(PCI_BRIDGE_PREFETCH_BASE_OFFSET, 2, 0xfff0);
    config.setWritable(PCI_BRIDGE_PREFETCH_LIMIT_OFFSET, 2, 0xfff0);
    config.setWritable(PCI_BRIDGE_PREFETCH_BASE_UPPER_OFFSET, 4, 0xffffffff);
    config.setWritable(PCI_BRIDGE_PREFETCH_LIMIT_UPPER_OFFSET, 4, 0xffffffff);
    config.setWritable(PCI_BRIDGE_CONTROL_REGISTER_OFFSET, 2, SECONDARY_BUS_RESET);
  }

  /**
   * Puts a function into a slot of the bus behind the bridge.
   * @throws MachineSetupError if the slot is taken, or is none
   */
  plug(slot: string, func: PciFunction): void {
    this.#secondary.plug(slot, func);
  }

  /** What of `range` passes downwards (§4.2 to §4.5). */
  pass(space: 'io' | 'memory', range: AddressRange): readonly AddressRange[] {
    const decode = space === 'io' ? PCI_COMMAND_IO_SPACE : PCI_COMMAND_MEMORY_SPACE;
    if (!this.#isCommanded(decode)) return [];
    return bridgeWindows(this.config, space)
      .flatMap((window) => intersect(window, range))
      .flatMap((part) => this.upstream.pass(space, part));
  }

  get masterEnabled(): boolean {
    return this.#isCommanded(PCI_COMMAND_BUS_MASTER) && this.upstream.masterEnabled;
  }

  override routeBehind(bus: number, devfn: number): PciFunction | undefined {
    const secondary = this.config.get(PCI_BRIDGE_SECONDARY_BUS_REGISTER_OFFSET, 1);
    const subordinate = this.config.get(PCI_BRIDGE_SUBORDINATE_BUS_REGISTER_OFFSET, 1);
    if (bus < secondary || bus > subordinate) return undefined;
    return this.#secondary.route(secondary, bus, devfn);
  }

  override remap(): void {
    super.remap();
    this.#secondary.remap();
  }

  override reset(): void {
    super.reset();
    this.#secondary.reset();
  }

  protected override get maxBars(): number {
    return 2;
  }

  protected override attached(bus: MachineBus): void {
    this.#secondary.attach(bus, this);
  }

  protected override headerWritten(offset: number): void {
    super.headerWritten(offset);
    const control = this.config.get(PCI_BRIDGE_CONTROL_REGISTER_OFFSET, 2);
    if ((control & SECONDARY_BUS_RESET) !== 0) this.#secondary.reset();
  }

  #isCommanded(bit: number): boolean {
    return (this.config.get(PCI_COMMAND_OFFSET, 2) & bit) !== 0;
  }
}
