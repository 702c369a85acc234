import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EmulatedMachine, MachineFinding } from '@dxelab/emulated-machine';
import { PciHostBridge } from '@dxelab/pci-devices';
import type { Tracer } from '@dxelab/platform';
import type { VirtioDeviceModel } from './core/virtio-device-model.ts';
import { VirtioPciModern } from './transports/pci-modern/virtio-pci-modern.ts';
import type { VirtioTransportOptions } from './transports/transport-options.ts';

export type Width = 1 | 2 | 4;

/** Where the driver below puts things. */
const RINGS = 0x100000;
const BUFFERS = 0x200000;
const CANARY = 0xc5;
const RAM_SIZE = 8 << 20;
/** Bytes before and behind RAM that no device may touch. */
const MARGIN = 4096;

const VERSION_1 = 1n << 32n;

/** A piece of a request: bytes for the device to read, or how many it may write. */
export type Piece = Uint8Array | number;

export interface TestMachineOptions extends VirtioTransportOptions {
  readonly trace?: Tracer;
}

/** A machine with one virtio device at 00:02.0, and the simplest driver that there can be. */
export class TestMachine {
  readonly machine: EmulatedMachine;
  readonly function: VirtioPciModern;
  readonly findings: MachineFinding[] = [];
  /** Where BAR4 and BAR1 were placed. */
  readonly structures: number;
  readonly msix: number;
  /** How many chains were offered to each queue. */
  readonly #offered = new Map<number, number>();
  readonly #config: number;
  readonly #storage: Uint8Array = new Uint8Array(RAM_SIZE + 2 * MARGIN);
  #queueSize = 0;

  constructor(model: VirtioDeviceModel, options: TestMachineOptions = {}) {
    const bridge = new PciHostBridge();
    this.function = new VirtioPciModern(model, options);
    bridge.plug('02.0', this.function);
    this.#storage.fill(CANARY, 0, MARGIN).fill(CANARY, MARGIN + RAM_SIZE);
    const bytes = this.#storage.subarray(MARGIN, MARGIN + RAM_SIZE);
    this.machine = createEmulatedMachine({
      memory: [{ base: 0, bytes }],
      devices: [bridge],
      onFinding: (finding) => this.findings.push(finding),
      ...(options.trace === undefined ? {} : { trace: options.trace }),
    });
    const [root] = this.machine.platform.hobs.pciRootBridges;
    if (root?.ecam === undefined) throw new Error('no ECAM');
    this.#config = root.ecam.base + (2 << 15);
    this.msix = root.mem32.base;
    this.structures = root.mem32.base + 0x100000;
    this.setConfig(0x14, 4, this.msix);
    this.setConfig(0x20, 4, this.structures);
    this.setConfig(0x04, 2, 0x0006);
  }

  /** The sections of the rules that were broken so far. */
  get broken(): string[] {
    return this.findings.map(({ rule }) => rule);
  }

  /** Whether nothing outside RAM was touched. */
  get marginsIntact(): boolean {
    const before = this.#storage.subarray(0, MARGIN);
    const behind = this.#storage.subarray(MARGIN + RAM_SIZE);
    return [before, behind].every((margin) => margin.every((byte) => byte === CANARY));
  }

  getConfig(offset: number, width: Width): number {
    const { mmio } = this.machine.platform;
    if (width === 1) return mmio.read8(this.#config + offset);
    return width === 2 ? mmio.read16(this.#config + offset) : mmio.read32(this.#config + offset);
  }

  setConfig(offset: number, width: Width, value: number): void {
    this.#write(this.#config + offset, width, value);
  }

  /** Reads at an offset in the BAR of the structures. */
  get(offset: number, width: Width): number {
    const { mmio } = this.machine.platform;
    const address = this.structures + offset;
    if (width === 1) return mmio.read8(address);
    return width === 2 ? mmio.read16(address) : mmio.read32(address);
  }

  set(offset: number, width: Width, value: number): void {
    this.#write(this.structures + offset, width, value);
  }

  get status(): number {
    return this.get(0x14, 1);
  }

  set status(value: number) {
    this.set(0x14, 1, value);
  }

  get features(): bigint {
    this.set(0x00, 4, 0);
    const low = this.get(0x04, 4);
    this.set(0x00, 4, 1);
    return (BigInt(this.get(0x04, 4)) << 32n) | BigInt(low);
  }

  accept(features: bigint): void {
    this.set(0x08, 4, 0);
    this.set(0x0c, 4, Number(features & 0xffff_ffffn));
    this.set(0x08, 4, 1);
    this.set(0x0c, 4, Number(features >> 32n));
  }

  /** Initialises the device up to DRIVER_OK, with all its queues (virtio §3.1.1). */
  start(features = VERSION_1, queueSize = 16): void {
    this.status = 0;
    this.status = 1;
    this.status = 3;
    this.accept(features);
    this.status = 0x0b;
    for (let queue = 0; queue < this.get(0x12, 2); queue++) this.enable(queue, queueSize);
    this.status = 0x0f;
  }

  /** Sets up a queue over fresh rings. */
  enable(queue: number, queueSize = 16): void {
    this.set(0x16, 2, queue);
    this.#queueSize = Math.min(queueSize, this.get(0x18, 2));
    if (this.#queueSize === 0) return;
    this.set(0x18, 2, this.#queueSize);
    const { desc, driver, device } = this.rings(queue);
    this.machine.platform.ram.fill(desc, 0x10000, 0);
    for (const [index, address] of [desc, driver, device].entries()) {
      this.set(0x20 + 8 * index, 4, address);
      this.set(0x24 + 8 * index, 4, 0);
    }
    this.set(0x1c, 2, 1);
    this.#offered.set(queue, 0);
  }

  rings(queue: number): { desc: number; driver: number; device: number } {
    const desc = RINGS + 0x10000 * queue;
    return { desc, driver: desc + 0x4000, device: desc + 0x8000 };
  }

  /** Writes a chain into the table from descriptor 0 on, offers it, and notifies. */
  offer(pieces: readonly Piece[], queue = 0, first = 0): void {
    const { ram } = this.machine.platform;
    const { desc, driver } = this.rings(queue);
    for (const [offset, piece] of pieces.entries()) {
      const index = first + offset;
      const address = this.buffer(index);
      const length = typeof piece === 'number' ? piece : piece.length;
      if (typeof piece === 'number') ram.fill(address, length, CANARY);
      else ram.writeBytes(address, piece);
      ram.writeUint64(desc + 16 * index, address);
      ram.writeUint32(desc + 16 * index + 8, length);
      const flags = (typeof piece === 'number' ? 2 : 0) | (offset < pieces.length - 1 ? 1 : 0);
      ram.writeUint16(desc + 16 * index + 12, flags);
      ram.writeUint16(desc + 16 * index + 14, index + 1);
    }
    const index = this.#offered.get(queue) ?? 0;
    ram.writeUint16(driver + 4 + 2 * (index % this.#queueSize), first);
    ram.writeUint16(driver + 2, (index + 1) & 0xffff);
    this.#offered.set(queue, index + 1);
    this.notify(queue);
  }

  notify(queue: number): void {
    this.set(0x3000 + 4 * queue, 2, queue);
  }

  usedIndex(queue = 0): number {
    return this.machine.platform.ram.readUint16(this.rings(queue).device + 2);
  }

  /** The used element that was written last. */
  used(queue = 0): { id: number; length: number } {
    const { ram } = this.machine.platform;
    const { device } = this.rings(queue);
    const slot = (this.usedIndex(queue) - 1) & (this.#queueSize - 1);
    const element = device + 4 + 8 * slot;
    return { id: ram.readUint32(element), length: ram.readUint32(element + 4) };
  }

  /** Where descriptor `index` points. */
  buffer(index: number): number {
    return BUFFERS + 0x20000 * index;
  }

  /** What is in the buffer of a descriptor. */
  bytes(index: number, length: number): Uint8Array {
    const target = new Uint8Array(length);
    this.machine.platform.ram.readBytes(this.buffer(index), target);
    return target;
  }

  #write(address: number, width: Width, value: number): void {
    const { mmio } = this.machine.platform;
    if (width === 1) mmio.write8(address, value);
    else if (width === 2) mmio.write16(address, value);
    else mmio.write32(address, value);
  }
}
