import { MachineSetupError } from '@dxelab/emulated-machine';
import type { AccessWidth, Dma, MachineBus } from '@dxelab/emulated-machine';
import {
  HEADER_TYPE_DEVICE,
  PCI_CAPBILITY_POINTER_OFFSET,
  PCI_CLASSCODE_OFFSET,
  PCI_COMMAND_BUS_MASTER,
  PCI_COMMAND_INT_DISABLE,
  PCI_COMMAND_IO_SPACE,
  PCI_COMMAND_MEMORY_SPACE,
  PCI_COMMAND_OFFSET,
  PCI_CONFIG_SPACE_SIZE,
  PCI_DEVICE_ID_OFFSET,
  PCI_EXPRESS_CONFIG_SPACE_SIZE,
  PCI_HEADER_TYPE_OFFSET,
  PCI_INT_LINE_OFFSET,
  PCI_INT_PIN_OFFSET,
  PCI_MAX_BAR,
  PCI_PRIMARY_STATUS_OFFSET,
  PCI_REVISION_ID_OFFSET,
  PCI_STATUS_CAPABILITY,
  PCI_SUBSYSTEM_ID_OFFSET,
  PCI_SUBSYSTEM_VENDOR_ID_OFFSET,
  PCI_VENDOR_ID_OFFSET,
} from '@dxelab/pci';
import { ConfigSpace } from './config-space.ts';
import { MSIX_BAR_SIZE, MSIX_MAX_VECTORS, Msix } from './msix.ts';
import { PciBar } from './pci-bar.ts';
import type { PciBarOptions } from './pci-bar.ts';
import type { PciCapability, PlacedCapability } from './pci-capability.ts';
import { pciExpressCapability } from './pci-express-capability.ts';
import { ROOT_UPSTREAM } from './pci-upstream.ts';
import type { PciUpstream } from './pci-upstream.ts';

/** Who a function is: the read-only part of its header (PCI Local Bus 3.0 §6.2.1). */
export interface PciFunctionOptions {
  /** As reports and traces show it. */
  readonly name: string;
  readonly vendorId: number;
  readonly deviceId: number;
  /** 24 bits: base class, sub-class, programming interface. */
  readonly classCode: number;
  readonly revisionId?: number;
  readonly subsystemVendorId?: number;
  readonly subsystemId?: number;
  /** 1 for INTA# to 4 for INTD#; 0, the default, for none. */
  readonly interruptPin?: number;
  /** PCI Express: its capability, and 4096 bytes of configuration space in place of 256. */
  readonly express?: boolean;
}

const STATUS_INTERRUPT = 0x0008;
const FIRST_CAPABILITY = 0x40;
/** Where x86 chipsets take a memory write for an interrupt message. */
const MESSAGE_BASE = 0xfee0_0000;
const MESSAGE_END = 0xfef0_0000;

/**
 * A PCI function with a type 0 header. A device is a class that extends this one: it adds its BARs and
 * capabilities in its constructor, and does the rest in `attached`, `onReset` and its BARs' handlers.
 */
export class PciFunction {
  readonly name: string;
  readonly config: ConfigSpace;
  readonly #bars: PciBar[] = [];
  readonly #capabilities: PlacedCapability[] = [];
  readonly #interruptPin: number;
  #nextCapability = FIRST_CAPABILITY;
  #msix: Msix | undefined;
  #msixControl = 0;
  #bus: MachineBus | undefined;
  #dma: Dma | undefined;
  #upstream: PciUpstream = ROOT_UPSTREAM;
  #lineAsserted = false;

  /** @param headerType the layout of the header; 1 is for `PciBridge` alone */
  constructor(options: PciFunctionOptions, headerType: number = HEADER_TYPE_DEVICE) {
    this.name = options.name;
    this.#interruptPin = options.interruptPin ?? 0;
    const express = options.express === true;
    this.config = new ConfigSpace(express ? PCI_EXPRESS_CONFIG_SPACE_SIZE : PCI_CONFIG_SPACE_SIZE);
    const { config } = this;
    config.set(PCI_VENDOR_ID_OFFSET, 2, options.vendorId);
    config.set(PCI_DEVICE_ID_OFFSET, 2, options.deviceId);
    config.set(PCI_REVISION_ID_OFFSET, 1, options.revisionId ?? 0);
    config.set(PCI_CLASSCODE_OFFSET, 1, options.classCode);
    config.set(PCI_CLASSCODE_OFFSET + 1, 2, options.classCode >>> 8);
    config.set(PCI_HEADER_TYPE_OFFSET, 1, headerType);
    if (headerType === HEADER_TYPE_DEVICE) {
      config.set(PCI_SUBSYSTEM_VENDOR_ID_OFFSET, 2, options.subsystemVendorId ?? 0);
      config.set(PCI_SUBSYSTEM_ID_OFFSET, 2, options.subsystemId ?? 0);
    }
    config.set(PCI_INT_PIN_OFFSET, 1, this.#interruptPin);
    config.setWritable(PCI_INT_LINE_OFFSET, 1, 0xff);
    config.setWritable(
      PCI_COMMAND_OFFSET,
      2,
      PCI_COMMAND_IO_SPACE |
        PCI_COMMAND_MEMORY_SPACE |
        PCI_COMMAND_BUS_MASTER |
        PCI_COMMAND_INT_DISABLE,
    );
    if (express) this.addCapability(pciExpressCapability());
  }

  /** Whether the driver has chosen MSI-X. */
  get msixEnabled(): boolean {
    return this.#msix?.enabled === true;
  }

  /**
   * Adds a base address register.
   * @param index of its (first) register, 0 to 5
   * @throws MachineSetupError if a register is taken or the size cannot be expressed
   */
  addBar(index: number, options: PciBarOptions): void {
    const bar = new PciBar(`${this.name} BAR${index}`, index, options, this.config);
    const clash = this.#bars.some(
      (other) => index < other.index + other.registers && other.index < index + bar.registers,
    );
    if (clash || index < 0 || index + bar.registers > this.maxBars) {
      throw new MachineSetupError(
        `${this.name}: the registers of BAR${index} are taken or do not exist`,
      );
    }
    this.#bars.push(bar);
  }

  /**
   * Adds a capability at the head of the list, where QEMU puts new ones, too: nobody prescribes an order.
   * @throws MachineSetupError if configuration space is full
   */
  addCapability(capability: PciCapability): PlacedCapability {
    const { config } = this;
    const offset = this.#nextCapability;
    const length = 2 + capability.body.length;
    if (offset + length > PCI_CONFIG_SPACE_SIZE) {
      throw new MachineSetupError(
        `${this.name}: no room for ${length} bytes of capability 0x${capability.id.toString(16)}`,
      );
    }
    this.#nextCapability = (offset + length + 3) & ~3;
    config.set(offset, 1, capability.id);
    for (const [index, byte] of capability.body.entries()) {
      config.set(offset + 2 + index, 1, byte);
      config.setWritable(offset + 2 + index, 1, capability.writable?.[index] ?? 0);
    }
    config.set(offset + 1, 1, config.get(PCI_CAPBILITY_POINTER_OFFSET, 1));
    config.set(PCI_CAPBILITY_POINTER_OFFSET, 1, offset);
    const status = config.get(PCI_PRIMARY_STATUS_OFFSET, 2);
    config.set(PCI_PRIMARY_STATUS_OFFSET, 2, status | PCI_STATUS_CAPABILITY);
    const placed = { offset, length, capability };
    this.#capabilities.push(placed);
    return placed;
  }

  /**
   * Adds MSI-X: its capability, and a 4 KiB memory BAR with the table at 0 and the pending bits at 0x800.
   * @param vectors 1 to 128
   * @throws MachineSetupError if there are too many vectors, or no room
   */
  addMsix(bar: number, vectors: number): void {
    if (vectors < 1 || vectors > MSIX_MAX_VECTORS) {
      throw new MachineSetupError(
        `${this.name}: 1 to ${MSIX_MAX_VECTORS} MSI-X vectors, not ${vectors}`,
      );
    }
    const msix = new Msix(bar, vectors, (address, data) => this.#sendMessage(address, data));
    this.addBar(bar, { kind: 'mem32', size: MSIX_BAR_SIZE, handler: msix });
    this.#msixControl = this.addCapability(msix.capability).offset + 3;
    this.#msix = msix;
  }

  /** Sends the message of an MSI-X vector, if MSI-X is enabled and there is such a vector. */
  signalMsix(vector: number): void {
    this.#msix?.signal(vector);
  }

  /** Drives the interrupt pin (INTx); with MSI-X enabled, or the pin disabled, nothing leaves the function. */
  setInterruptLine(asserted: boolean): void {
    if (asserted === this.#lineAsserted) return;
    this.#lineAsserted = asserted;
    this.#updateLine();
  }

  /** A configuration read arrives, naturally aligned. */
  readConfig(offset: number, width: AccessWidth): number {
    const placed = this.#capabilityAt(offset);
    placed?.capability.beforeRead?.(offset - placed.offset, width);
    return this.config.read(offset, width);
  }

  /** A configuration write arrives, naturally aligned. */
  writeConfig(offset: number, width: AccessWidth, value: number): void {
    this.config.write(offset, width, value);
    if (offset < FIRST_CAPABILITY) this.headerWritten(offset);
    else if ((offset & ~3) === (this.#msixControl & ~3)) this.#msixWritten();
    const placed = this.#capabilityAt(offset);
    placed?.capability.afterWrite?.(offset - placed.offset, width);
  }

  /** Joins a machine. Called by the bus that it is plugged into. */
  attach(bus: MachineBus, upstream: PciUpstream): void {
    this.#bus = bus;
    this.#upstream = upstream;
    this.#dma = bus.createDma(this.name);
    this.remap();
    this.attached(bus, this.#dma);
  }

  /** Brings what can be seen, and what may be reached, in line with the registers here and above. */
  remap(): void {
    const bus = this.#bus;
    if (bus === undefined) return;
    const command = this.config.get(PCI_COMMAND_OFFSET, 2);
    for (const bar of this.#bars) {
      const decode = bar.space === 'io' ? PCI_COMMAND_IO_SPACE : PCI_COMMAND_MEMORY_SPACE;
      bar.remap(bus, this.#upstream, (command & decode) !== 0);
    }
    this.#dma?.setEnabled((command & PCI_COMMAND_BUS_MASTER) !== 0 && this.#upstream.masterEnabled);
    this.#updateLine();
  }

  /** Conventional reset: every register as after power-on. */
  reset(): void {
    this.config.reset();
    this.#msix?.reset();
    this.#lineAsserted = false;
    this.remap();
    this.onReset();
  }

  /** Finds a function behind this one: only a bridge has any. */
  routeBehind(_bus: number, _devfn: number): PciFunction | undefined {
    return undefined;
  }

  /** What lies between this function and the host. */
  protected get upstream(): PciUpstream {
    return this.#upstream;
  }

  /** How many base address registers the header has. */
  protected get maxBars(): number {
    return PCI_MAX_BAR;
  }

  /** The function has joined a machine. @param dma its view of RAM, which bus mastering enables */
  protected attached(_bus: MachineBus, _dma: Dma): void {}

  /** The function was reset. */
  protected onReset(): void {}

  /** A register of the header was written. */
  protected headerWritten(_offset: number): void {
    this.remap();
  }

  #capabilityAt(offset: number): PlacedCapability | undefined {
    if (offset < FIRST_CAPABILITY) return undefined;
    return this.#capabilities.find(
      (placed) => offset >= placed.offset && offset < placed.offset + placed.length,
    );
  }

  #msixWritten(): void {
    this.#msix?.setControl(this.config.get(this.#msixControl, 1));
    this.#updateLine();
  }

  /** A message is a memory write: it needs bus mastering, and goes wherever its address says. */
  #sendMessage(address: number, data: number): void {
    const isInterrupt = address >= MESSAGE_BASE && address < MESSAGE_END;
    if (isInterrupt && this.#dma?.enabled === true) {
      this.#bus?.interrupts.message(this.name, address, data);
    } else {
      this.#dma?.writeUint32(address, data);
    }
  }

  #updateLine(): void {
    const { config } = this;
    const status = config.get(PCI_PRIMARY_STATUS_OFFSET, 2) & ~STATUS_INTERRUPT;
    config.set(PCI_PRIMARY_STATUS_OFFSET, 2, status | (this.#lineAsserted ? STATUS_INTERRUPT : 0));
    if (this.#interruptPin === 0) return;
    const disabled = (config.get(PCI_COMMAND_OFFSET, 2) & PCI_COMMAND_INT_DISABLE) !== 0;
    const driven = this.#lineAsserted && !disabled && !this.msixEnabled;
    this.#bus?.interrupts.line(this.name, this.#interruptPin, driven);
  }
}
